import Tensor

/// A circle and what speaks for it.
public struct SupportedCircle: Sendable, Hashable {
  /// The circle, in continuous pixel coordinates of the picture.
  public var circle: Circle
  /// Edge pixels in the ring of the circle's radius, one cell of the accumulator wide: what OpenCV calls its votes.
  public var support: Int
  /// The share of the outline that is seen, 0 to 1: of 32 sectors, those in which an edge lies on the circle and faces its
  /// centre or looks away from it. So circles of all radii compare: a circle seen whole has 1, a half about 0.5.
  public var score: Float

  /// Makes a supported circle.
  public init(circle: Circle, support: Int, score: Float) {
    self.circle = circle
    self.support = support
    self.score = score
  }
}

/// Circles by the gradient Hough transform: OpenCV's `HoughCircles` with `HOUGH_GRADIENT`, the same circles in the same
/// order.
///
/// Edges vote for the centres that lie along their gradients; the centres with the most votes around them take the radius
/// that most edges support. (Yuen et al., "Comparative study of Hough transform methods for circle finding", 1990.)
public struct HoughCircles: Sendable, Hashable {
  /// The most bytes that the accumulator may take.
  public static let largestAccumulator = 2 << 30

  /// Pixels to one cell of the accumulator, 1 to `coarsestResolution`: `dp`.
  public var resolution: Float
  /// Pixels between two centres, above 0: of two that are closer the one with less support is dropped. `minDist`.
  public var minDistance: Float
  /// The upper threshold of edges, at least 1; half of it is the lower one. `param1`.
  public var edgeThreshold: Int
  /// The votes, and the support, that a circle must exceed, at least 1: `param2`.
  public var votes: Int
  /// The least radius in pixels, at least 0.
  public var minRadius: Int
  /// The largest radius in pixels, at least 1 and at least `minRadius`. Where they are equal, it is searched two
  /// pixels further, as OpenCV does.
  public var maxRadius: Int

  /// The largest radius that can be searched.
  public static let largestRadius = 65_535
  /// The largest side of a picture, in pixels: positions have 10 bits behind the point in 32.
  public static let largestSide = 1 << 20
  /// The coarsest resolution that can be asked for.
  public static let coarsestResolution: Float = 1000

  /// Makes a search; the defaults are those of the example that is copied most.
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

  /// Throws `SceneError.invalidParameter` for a value out of range.
  public func validate() throws(SceneError) {
    guard resolution >= 1, resolution <= Self.coarsestResolution else {
      throw .invalidParameter(
        "the resolution must be 1 to \(Int(Self.coarsestResolution)) pixels a cell, got \(resolution)")
    }
    guard minDistance > 0, minDistance.isFinite else {
      throw .invalidParameter("the distance between centres must be above 0, got \(minDistance)")
    }
    guard edgeThreshold >= 1 else {
      throw .invalidParameter("the threshold of edges must be at least 1, got \(edgeThreshold)")
    }
    guard votes >= 1 else { throw .invalidParameter("the votes must be at least 1, got \(votes)") }
    guard (0...Self.largestRadius).contains(minRadius), (1...Self.largestRadius).contains(maxRadius) else {
      throw .invalidParameter(
        "the radii must be 0 to \(Self.largestRadius), the larger at least 1, got \(minRadius) and \(maxRadius)")
    }
    guard minRadius <= maxRadius else {
      throw .invalidParameter("the least radius must not exceed the largest, got \(minRadius) and \(maxRadius)")
    }
  }

  /// The radii that are voted for.
  var searchedRadii: ClosedRange<Int> { minRadius...(minRadius == maxRadius ? minRadius + 2 : maxRadius) }

  /// Finds the circles of a picture, which is usually blurred first.
  ///
  /// - Returns: Circles by falling support, then falling radius, then from left to right and from top to bottom. Centres
  ///   are OpenCV's, moved by half a pixel from pixel indices to continuous coordinates.
  /// - Throws: `SceneError.invalidParameter` for a value out of range, or where the accumulator would take more than
  ///   `largestAccumulator` bytes.
  public func callAsFunction(_ image: GrayImage, engine: Engine) throws(SceneError) -> [SupportedCircle] {
    try validate(width: image.width, height: image.height)
    return engine.withWorkspace { workspace in image.withPlane { find(in: $0, workspace) } }
  }

  /// Checks the options and the memory that a picture of this size takes.
  func validate(width: Int, height: Int) throws(SceneError) {
    try validate()
    guard max(width, height) <= Self.largestSide else {
      throw .invalidParameter(
        "circles are sought in pictures of sides up to \(Self.largestSide) pixels, got \(width)x\(height): reduce it")
    }
    let bytes = Accumulator.byteCount(width: width, height: height, resolution: resolution)
    guard bytes <= Self.largestAccumulator else {
      let size = Accumulator.size(width: width, height: height, resolution: resolution)
      throw .invalidParameter(
        "a picture of \(width)x\(height) at a resolution of \(resolution) needs \(size.columns)x\(size.rows) cells, "
          + "\(bytes >> 20) MiB; the limit is \(Self.largestAccumulator >> 20) MiB: reduce it or take coarser cells")
    }
  }

  func find(in image: Plane, _ workspace: Workspace) -> [SupportedCircle] {
    workspace.arena.scope {
      let marks = EdgeMarks(width: image.width, height: image.height, workspace)
      edges.mark(image, in: marks, workspace)
      let edges = EdgeGrid(marks, image, resolution: resolution, workspace)
      guard edges.count > 0 else { return [] }
      let accumulator = Accumulator(edges, image, self, workspace)
      let centres = accumulator.peaks(above: votes, workspace)
      var circles = apart(estimate(centres, accumulator, edges, workspace).sorted(by: Self.precedes))
      circles.withUnsafeMutableBufferPointer { circles in
        let found = circles
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
    return [SupportedCircle](unsafeUninitializedCapacity: centres.count) { circles, count in
      let found = circles
      workspace.parallel(rows: centres.count, band: 64) { worker, range in
        for index in range {
          let place = accumulator.place(of: centres[index])
          let (x, y) = ((Float(place.column) + 0.5) * resolution, (Float(place.row) + 0.5) * resolution)
          let estimate = RadiusEstimate(x: x, y: y, edges, self, bins: bins[worker], workspace)
          found.initializeElement(
            at: index,
            to: SupportedCircle(
              circle: Circle(x: x, y: y, radius: estimate.radius), support: estimate.support, score: 0))
        }
      }
      count = centres.count
    }.filter { $0.support > votes }
  }

  /// The order of OpenCV's circles: no two are alike.
  private static func precedes(_ a: SupportedCircle, _ b: SupportedCircle) -> Bool {
    if a.support != b.support { return a.support > b.support }
    if a.circle.radius != b.circle.radius { return a.circle.radius > b.circle.radius }
    if a.circle.x != b.circle.x { return a.circle.x < b.circle.x }
    return a.circle.y < b.circle.y
  }

  /// Those that lie at least `minDistance` from every one before them that was kept.
  private func apart(_ circles: [SupportedCircle]) -> [SupportedCircle] {
    var kept: [SupportedCircle] = []
    // The kept circles by squares as wide as the distance, so that nine of them hold all that are near.
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
