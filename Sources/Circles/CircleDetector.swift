import Tensor

/// Detects circles, such as coins, without a network: `CircleSearch` as a detector of one class.
///
/// The score is the visible share of a circle's outline: 1 for a whole circle, about 0.5 for half a circle.
public struct CircleDetector: Detector {
  /// The options of a call. The defaults are those of OpenCV's most copied example.
  public struct Options: DetectorOptions, Hashable {
    /// The options that all detectors have. By default every circle is kept, whatever its score. The overlap is not
    /// used: circles are suppressed by `minDistance`.
    public var common: DetectionOptions
    /// The size of an accumulator cell in pixels, 1 to 1000. OpenCV's `dp`.
    public var resolution: Float
    /// The least distance between two centres in pixels, above 0. Of two closer circles the one with less support is
    /// dropped. OpenCV's `minDist`.
    public var minDistance: Float
    /// The upper threshold of the Canny edges, at least 1; the lower one is half of it. OpenCV's `param1`.
    public var edgeThreshold: Int
    /// The number of votes that a circle must exceed, at least 1. OpenCV's `param2`.
    public var votes: Int
    /// The smallest radius in pixels, at least 0.
    public var minRadius: Int
    /// The largest radius in pixels, at least `minRadius`.
    public var maxRadius: Int
    /// The smoothing of the image before edges are detected.
    public var blur: Blur
    /// The longest side, in pixels, of the image that is searched; nil searches every image at its own size.
    ///
    /// A larger image is reduced first. Then all lengths in these options are in pixels of the reduced copy, but
    /// detections are in pixels of the original image.
    public var maxSide: Int?

    /// Makes the default options.
    public init() { self.init(resolution: 1) }

    /// Makes options; the ranges are checked by `validate()`.
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

    /// The search that the options describe.
    var search: CircleSearch {
      CircleSearch(
        transform: HoughCircles(
          resolution: resolution, minDistance: minDistance, edgeThreshold: edgeThreshold, votes: votes,
          minRadius: minRadius, maxRadius: maxRadius),
        blur: blur, maxSide: maxSide)
    }
  }

  /// The name of the only class.
  public let labels: [String]
  private let engine: Engine

  /// Makes a detector.
  ///
  /// - Parameters:
  ///   - label: The class name of the circles.
  ///   - engine: The engine to run on; by default one with the CPU's highest level and all its cores.
  /// - Throws: `TensorError` for a `LIMN_LEVEL` that this CPU lacks.
  public init(label: String = "coin", engine: Engine? = nil) throws(TensorError) {
    labels = [label]
    if let engine { self.engine = engine } else { self.engine = try Engine() }
  }

  /// Detects the circles in an image.
  ///
  /// - Returns: Detections by falling score, ties in the order of `HoughCircles`. Each has its circle, and the circle's
  ///   bounding box, clipped to the image.
  /// - Throws: `SceneError.invalidParameter` for an option out of range, or when the search would take too much memory.
  public func detect(_ image: Image, options: Options) throws -> [Detection] {
    try options.validate()
    return try detect(image, options, engine)
  }

  /// Detects the circles in several images, as many at once as the engine has threads. Each needs its own memory.
  ///
  /// - Returns: The detections of each image, by falling score, in the order of the images.
  /// - Throws: `SceneError.invalidParameter` for an option out of range, or when the search would take too much memory.
  public func detect(_ images: [Image], options: Options) throws -> [[Detection]] {
    try options.validate()
    return try engine.map(images) { try detect($0, options, $1.engine) }
  }

  private func detect(_ image: Image, _ options: Options, _ engine: Engine) throws -> [Detection] {
    guard options.classes?.contains(0) ?? true else { return [] }
    let found = try options.search(image, engine: engine).filter { options.common.keeps(score: $0.score) }
    let (width, height) = (Float(image.width), Float(image.height))
    let detections = found.map { found in
      Detection(
        box: found.circle.boundingBox.clipped(width: width, height: height), score: found.score, classID: 0,
        label: labels[0], circle: found.circle)
    }
    return Array(detections.fallingByScore.prefix(options.maxDetections))
  }

  /// The size of the searched image relative to an image of the given size, at most 1.
  public static func scale(width: Int, height: Int, maxSide: Int?) -> Float {
    let size = CircleSearch(maxSide: maxSide).searchedSize(width: width, height: height)
    return Float(max(size.width, size.height)) / Float(max(width, height))
  }
}
