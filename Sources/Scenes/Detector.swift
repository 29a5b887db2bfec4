/// Finds objects in images. Detectors are immutable values, safe to share between tasks.
///
/// Their options need no name where the defaults do, or where only the common ones change, as among several kinds:
///
///     let detectors: [any Detector] = [yolo, circles]
///     for detector in detectors { found += try detector.detect(image) { $0.confidence = 0.5 } }
public protocol Detector: Sendable {
  /// What a caller may choose for each call; a detector without choices of its own takes `DetectionOptions`.
  associatedtype Options: DetectorOptions = DetectionOptions

  /// The class names, indexed by `Detection.classID`.
  var labels: [String] { get }

  /// Finds the objects of one image, by falling score.
  ///
  /// - Throws: `SceneError` for an option out of range or an image that the detector cannot take, `CancellationError`
  ///   where the task was cancelled.
  func detect(_ image: Image, options: Options) throws -> [Detection]

  /// Finds the objects of several images: for each, in order, what it gives alone.
  ///
  /// A detector need not have this: by default it takes one image after the other. One that is faster with several at
  /// once says what memory that takes.
  ///
  /// - Returns: one list an image; none for no images.
  /// - Throws: as for one image: the first failure is that of the whole call.
  func detect(_ images: [Image], options: Options) throws -> [[Detection]]
}

extension Detector {
  /// Finds the objects of several images, one after the other.
  ///
  /// - Throws: as for one image.
  public func detect(_ images: [Image], options: Options) throws -> [[Detection]] {
    try images.map { try detect($0, options: options) }
  }

  /// Finds the objects of several images with the detector's defaults.
  ///
  /// - Throws: as `detect(_:options:)`.
  public func detect(_ images: [Image]) throws -> [[Detection]] {
    try detect(images, options: Options())
  }

  /// Finds the objects of one image with the detector's defaults.
  ///
  /// - Throws: as `detect(_:options:)`.
  public func detect(_ image: Image) throws -> [Detection] {
    try detect(image, options: Options())
  }

  /// Finds the objects of one image with the detector's defaults, the common ones of them changed.
  ///
  /// - Parameters:
  ///   - image: the image.
  ///   - change: sets what is to differ from the defaults.
  /// - Throws: as `detect(_:options:)`.
  public func detect(_ image: Image, changing change: (inout DetectionOptions) -> Void) throws -> [Detection] {
    var options = Options()
    change(&options.common)
    return try detect(image, options: options)
  }
}
