import Tensor

/// Finds round things, coins for one, without a network: `CircleSearch` as a detector of one class.
///
/// A score is the share of a circle's outline that is seen: 1 for a whole circle, about 0.5 for a half.
public struct CircleDetector: Detector {
  /// What a call may choose; the defaults are those of the example that is copied most.
  public struct Options: DetectorOptions, Hashable {
    /// Every circle, whatever its score, unless given; circles do not compete by their boxes, but by `minDistance`.
    public var common: DetectionOptions
    /// Pixels to one cell of the accumulator, at least 1.
    public var resolution: Float
    /// Pixels between two centres, above 0.
    public var minDistance: Float
    /// The upper threshold of edges, at least 1; half of it is the lower one.
    public var edgeThreshold: Int
    /// The votes that a circle must exceed, at least 1.
    public var votes: Int
    /// The least radius in pixels, at least 0.
    public var minRadius: Int
    /// The largest radius in pixels, at least `minRadius`.
    public var maxRadius: Int
    /// The smoothing before edges are sought.
    public var blur: Blur
    /// The longer side of the copy that is searched, or nil for the picture itself. All lengths above are in pixels of that
    /// copy; detections are in pixels of the picture.
    public var maxSide: Int?

    /// The defaults.
    public init() { self.init(resolution: 1) }

    /// Makes options.
    public init(
      resolution: Float = 1, minDistance: Float = 20, edgeThreshold: Int = 50, votes: Int = 30, minRadius: Int = 10,
      maxRadius: Int = 100, blur: Blur = .gaussian(size: 9, sigma: 2), maxSide: Int? = nil, confidence: Float = 0,
      maxDetections: Int = .max, classes: Set<Int>? = nil
    ) {
      self.resolution = resolution
      self.minDistance = minDistance
      self.edgeThreshold = edgeThreshold
      self.votes = votes
      self.minRadius = minRadius
      self.maxRadius = maxRadius
      self.blur = blur
      self.maxSide = maxSide
      common = DetectionOptions(confidence: confidence, maxDetections: maxDetections, classes: classes)
    }

    /// Checks the options.
    ///
    /// - Throws: `SceneError.invalidParameter` for a value out of range.
    public func validate() throws(SceneError) {
      try common.validate(classCount: 1)
      try search.validate()
    }

    /// The search that the options ask for.
    var search: CircleSearch {
      CircleSearch(
        transform: HoughCircles(
          resolution: resolution, minDistance: minDistance, edgeThreshold: edgeThreshold, votes: votes,
          minRadius: minRadius, maxRadius: maxRadius),
        blur: blur, maxSide: maxSide)
    }
  }

  /// The one class name.
  public let labels: [String]
  private let engine: Engine

  /// Makes a detector.
  ///
  /// - Parameters:
  ///   - label: The class name of what is found.
  ///   - engine: What to run on; by default the CPU's highest level and all its cores.
  /// - Throws: `TensorError` for a `LIMN_LEVEL` that this CPU lacks.
  public init(label: String = "coin", engine: Engine? = nil) throws(TensorError) {
    labels = [label]
    if let engine { self.engine = engine } else { self.engine = try Engine() }
  }

  /// Finds the circles of a picture.
  ///
  /// - Returns: Detections by falling score, those of equal score in the order of `HoughCircles`; each has its circle, and
  ///   a box around it, clipped to the picture.
  /// - Throws: `SceneError.invalidParameter` for an option out of range, or where the search would take too much memory.
  public func detect(_ image: Image, options: Options) throws -> [Detection] {
    try options.validate()
    return try detect(image, options, engine)
  }

  /// Finds the circles of several pictures, as many at once as the engine has threads, with memory of its own for each.
  ///
  /// - Throws: as for one picture.
  public func detect(_ images: [Image], options: Options) throws -> [[Detection]] {
    try options.validate()
    return try engine.map(images) { try detect($0, options, $1.engine) }
  }

  private func detect(_ image: Image, _ options: Options, _ engine: Engine) throws -> [Detection] {
    guard options.classes?.contains(0) ?? true else { return [] }
    let found = try options.search(image, engine: engine).filter { options.common.keeps(score: $0.score) }
    // A stable sort, by the place in the list.
    let ranked = found.indices.sorted { a, b in
      found[a].score == found[b].score ? a < b : found[a].score > found[b].score
    }
    let (width, height) = (Float(image.width), Float(image.height))
    return ranked.prefix(options.maxDetections).map { index in
      let circle = found[index].circle
      return Detection(
        box: circle.boundingBox.clipped(width: width, height: height), score: found[index].score, classID: 0,
        label: labels[0], circle: circle)
    }
  }

  /// How much smaller the copy that is searched is than the picture: 1 for the picture itself.
  public static func scale(width: Int, height: Int, maxSide: Int?) -> Float {
    let size = CircleSearch(maxSide: maxSide).searchedSize(width: width, height: height)
    return Float(max(size.width, size.height)) / Float(max(width, height))
  }
}
