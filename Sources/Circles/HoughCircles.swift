import Tensor

/// A circle and its evidence.
public struct SupportedCircle: Sendable, Hashable {
  /// The circle, in continuous pixel coordinates of the image.
  public var circle: Circle
  /// The number of edge pixels in a ring of the circle's radius, one cell of the accumulator wide. OpenCV calls it the
  /// circle's votes.
  public var support: Int
  /// The visible share of the outline, 0 to 1: the share of 32 sectors in which an edge lies on the circle and its
  /// gradient points to the centre or away from it.
  ///
  /// It compares circles of all radii: a whole circle has a score of 1, half a circle about 0.5.
  public var score: Float

  /// Makes a circle with its evidence.
  public init(circle: Circle, support: Int, score: Float) {
    self.circle = circle
    self.support = support
    self.score = score
  }
}

/// The gradient Hough transform for circles.
///
/// Each edge pixel votes for the centres along its gradient. The local maxima of the votes are centres, and each takes
/// the radius that most edge pixels support (Duda and Hart, doi:10.1145/361237.361242; Yuen et al.,
/// doi:10.1016/0262-8856(90)90059-E). Matches OpenCV's `HoughCircles` with `HOUGH_GRADIENT`: equal circles in equal
/// order.
public struct HoughCircles: Sendable, Hashable {
  /// The largest size of the accumulator, in bytes.
  public static let largestAccumulator = 2 << 30

  /// The size of an accumulator cell in pixels, 1 to `coarsestResolution`. OpenCV's `dp`.
  public var resolution: Float
  /// The least distance between two centres in pixels, above 0. Of two closer circles the one with less support is
  /// dropped. OpenCV's `minDist`.
  public var minDistance: Float
  /// The upper threshold of the Canny edges, at least 1; the lower one is half of it. OpenCV's `param1`.
  public var edgeThreshold: Int
  /// The number that the votes of a centre and the support of a circle must exceed, at least 1. OpenCV's `param2`.
  public var votes: Int
  /// The smallest radius in pixels, 0 to `largestRadius`.
  public var minRadius: Int
  /// The largest radius in pixels, 1 to `largestRadius` and at least `minRadius`. If it equals `minRadius`, radii up to
  /// two pixels larger are searched, as in OpenCV.
  public var maxRadius: Int

  /// The largest radius that can be searched, in pixels.
  public static let largestRadius = 65_535
  /// The largest width or height of an image, in pixels: positions are 32-bit numbers with 10 fractional bits.
  public static let largestSide = 1 << 20
  /// The largest size of an accumulator cell, in pixels.
  public static let coarsestResolution: Float = 1000

  /// Makes a transform. The defaults are those of OpenCV's most copied example.
  public init(
    resolution: Float = 1, minDistance: Float = 20, edgeThreshold: Int = 50, votes: Int = 30, minRadius: Int = 10,
    maxRadius: Int = 100
  ) {
    self.resolution = resolution
    self.minDistance = minDistance
    self.edgeThreshold = edgeThreshold
    self.votes = votes
    self.minRadius = minRadius
    self.maxRadius = maxRadius
  }

  /// Checks the parameters.
  ///
  /// - Throws: `SceneError.invalidParameter` for a value out of range.
  public func validate() throws(SceneError) {
    guard resolution >= 1, resolution <= Self.coarsestResolution else {
      throw .invalidParameter(
        "the resolution must be 1 to \(Int(Self.coarsestResolution)) pixels per cell, got \(resolution)")
    }
    guard minDistance > 0, minDistance.isFinite else {
      throw .invalidParameter("the least distance between centres must be above 0, got \(minDistance)")
    }
    guard edgeThreshold >= 1 else {
      throw .invalidParameter("the edge threshold must be at least 1, got \(edgeThreshold)")
    }
    guard votes >= 1 else { throw .invalidParameter("the votes must be at least 1, got \(votes)") }
    guard (0...Self.largestRadius).contains(minRadius), (1...Self.largestRadius).contains(maxRadius) else {
      throw .invalidParameter(
        "the radii must be 0 to \(Self.largestRadius) and the largest at least 1, got \(minRadius) and \(maxRadius)")
    }
    guard minRadius <= maxRadius else {
      throw .invalidParameter("the smallest radius must not exceed the largest, got \(minRadius) and \(maxRadius)")
    }
  }

  /// The radii that are voted for.
  var searchedRadii: ClosedRange<Int> { minRadius...(minRadius == maxRadius ? minRadius + 2 : maxRadius) }

  /// Finds the circles in an image, which is usually blurred first.
  ///
  /// - Returns: Circles by falling support, then falling radius, then from left to right, then from top to bottom.
  ///   Their centres are in continuous coordinates: OpenCV's plus half a pixel.
  /// - Throws: `SceneError.invalidParameter` for a value out of range, for an image with a side above `largestSide`, or
  ///   when the accumulator would take more than `largestAccumulator` bytes; `CancellationError` if the task was
  ///   cancelled.
  public func callAsFunction(_ image: GrayImage, engine: Engine) throws -> [SupportedCircle] {
    try validate(width: image.width, height: image.height)
    return try engine.withWorkspace { workspace in try image.withPlane { try find(in: $0, workspace) } }
  }

  /// Checks the parameters, and the memory needed for an image of the given size.
  func validate(width: Int, height: Int) throws(SceneError) {
    try validate()
    guard max(width, height) <= Self.largestSide else {
      throw .invalidParameter(
        "circles can be searched in images of sides up to \(Self.largestSide) pixels, got \(width)x\(height): reduce "
          + "the image")
    }
    let bytes = Accumulator.byteCount(width: width, height: height, resolution: resolution)
    guard bytes <= Self.largestAccumulator else {
      let size = Accumulator.size(width: width, height: height, resolution: resolution)
      throw .invalidParameter(
        "an image of \(width)x\(height) at a resolution of \(resolution) needs \(size.columns)x\(size.rows) cells, "
          + "\(bytes >> 20) MiB; the limit is \(Self.largestAccumulator >> 20) MiB: reduce the image, or raise the "
          + "resolution for larger cells")
    }
  }

  func find(in image: Plane, _ workspace: Workspace) throws(CancellationError) -> [SupportedCircle] {
    try workspace.arena.scope { () throws(CancellationError) in
      let marks = EdgeMarks(width: image.width, height: image.height, workspace)
      edges.mark(image, in: marks, workspace)
      let edges = EdgeGrid(marks, image, resolution: resolution, workspace)
      guard edges.count > 0 else { return [] }
      try workspace.checkCancellation()
      let accumulator = Accumulator(edges, image, self, workspace)
      try workspace.checkCancellation()
      let centres = accumulator.peaks(above: votes, workspace)
      var circles = apart(estimate(centres, accumulator, edges, workspace).sorted(by: Self.precedes))
      circles.withUnsafeMutableBufferPointer { circles in
        nonisolated(unsafe) let found = circles
        workspace.parallel(rows: found.count, band: 8) { _, range in
          for index in range {
            found[index].score = OutlineCoverage.score(found[index].circle, edges, resolution: resolution)
            // From pixel indices to continuous coordinates.
            found[index].circle.x += 0.5
            found[index].circle.y += 0.5
          }
        }
      }
      return circles
    }
  }

  /// The edges that vote.
  private var edges: CannyEdges { CannyEdges(of: edgeThreshold) }

  private func estimate(
    _ centres: [Int], _ accumulator: Accumulator, _ edges: EdgeGrid, _ workspace: Workspace
  ) -> [SupportedCircle] {
    let bins = workspace.perWorker {
      workspace.allocate(Int32.self, RadiusEstimate.binCount(self) + 1)
    }
    let kernels = workspace.kernels.circles
    return [SupportedCircle](unsafeUninitializedCapacity: centres.count) { circles, count in
      nonisolated(unsafe) let found = circles
      workspace.parallel(rows: centres.count, band: 64) { worker, range in
        for index in range {
          let place = accumulator.place(of: centres[index])
          let (x, y) = ((Float(place.column) + 0.5) * resolution, (Float(place.row) + 0.5) * resolution)
          let estimate = RadiusEstimate(x: x, y: y, edges, self, bins: bins[worker], kernels)
          found.initializeElement(
            at: index,
            to: SupportedCircle(
              circle: Circle(x: x, y: y, radius: estimate.radius), support: estimate.support, score: 0))
        }
      }
      count = centres.count
    }.filter { $0.support > votes }
  }

  /// The order of OpenCV's circles. No two circles are equal in it.
  private static func precedes(_ a: SupportedCircle, _ b: SupportedCircle) -> Bool {
    if a.support != b.support { return a.support > b.support }
    if a.circle.radius != b.circle.radius { return a.circle.radius > b.circle.radius }
    if a.circle.x != b.circle.x { return a.circle.x < b.circle.x }
    return a.circle.y < b.circle.y
  }

  /// The circles that lie at least `minDistance` from every kept circle before them.
  private func apart(_ circles: [SupportedCircle]) -> [SupportedCircle] {
    var kept: [SupportedCircle] = []
    // The kept circles by squares as wide as the distance: all near ones are in nine squares.
    let side = max(minDistance, 8)
    var squares: [SIMD2<Int>: [Int]] = [:]
    for circle in circles {
      let (x, y) = (circle.circle.x, circle.circle.y)
      let square = SIMD2(Int(x / side), Int(y / side))
      var isFree = true
      for row in square.y - 1...square.y + 1 {
        for column in square.x - 1...square.x + 1 {
          for other in squares[SIMD2(column, row)] ?? [] {
            let (dx, dy) = (x - kept[other].circle.x, y - kept[other].circle.y)
            if dx * dx + dy * dy < minDistance * minDistance { isFree = false }
          }
        }
      }
      guard isFree else { continue }
      squares[square, default: []].append(kept.count)
      kept.append(circle)
    }
    return kept
  }
}
