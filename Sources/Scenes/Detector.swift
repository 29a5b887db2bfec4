/// A type that detects objects in images. Detectors are immutable values that tasks can share.
///
/// Code that handles detectors of several types can change the common options without knowing the others:
///
///     let detectors: [any Detector] = [yolo, circles]
///     for detector in detectors { found += try detector.detect(image) { $0.confidence = 0.5 } }
public protocol Detector: Sendable {
  /// The options of a call; `DetectionOptions` for a detector without options of its own.
  associatedtype Options: DetectorOptions = DetectionOptions

  /// The class names, indexed by `Detection.classID`.
  var labels: [String] { get }

  /// Detects the objects in an image.
  ///
  /// - Returns: Detections by falling score.
  /// - Throws: `SceneError` for an option out of range or an unsuitable image, `CancellationError` if the task was
  ///   cancelled.
  func detect(_ image: Image, options: Options) throws -> [Detection]

  /// Detects the objects in several images. The results are those of one call for each image.
  ///
  /// The default implementation processes one image after another. A detector that processes several at once must
  /// document how much memory it needs.
  ///
  /// - Returns: The detections of each image by falling score, in the order of the images.
  /// - Throws: `SceneError` for an option out of range or an unsuitable image, `CancellationError` if the task was
  ///   cancelled. One error ends the whole call.
  func detect(_ images: [Image], options: Options) throws -> [[Detection]]
}

extension Detector {
  /// Detects the objects in several images, one after another.
  ///
  /// - Returns: The detections of each image by falling score, in the order of the images.
  /// - Throws: `SceneError` for an option out of range or an unsuitable image, `CancellationError` if the task was
  ///   cancelled. One error ends the whole call.
  public func detect(_ images: [Image], options: Options) throws -> [[Detection]] {
    try images.map { try detect($0, options: options) }
  }

  /// Detects the objects in several images with the detector's default options.
  ///
  /// - Returns: The detections of each image by falling score, in the order of the images.
  /// - Throws: `SceneError` for an unsuitable image, `CancellationError` if the task was cancelled. One error ends the
  ///   whole call.
  public func detect(_ images: [Image]) throws -> [[Detection]] {
    try detect(images, options: Options())
  }

  /// Detects the objects in an image with the detector's default options.
  ///
  /// - Returns: Detections by falling score.
  /// - Throws: `SceneError` for an unsuitable image, `CancellationError` if the task was cancelled.
  public func detect(_ image: Image) throws -> [Detection] {
    try detect(image, options: Options())
  }

  /// Detects the objects in an image with the detector's default options, after a change of the common ones.
  ///
  /// - Parameters:
  ///   - image: The image.
  ///   - change: Changes the common options.
  /// - Returns: Detections by falling score.
  /// - Throws: `SceneError` for an option out of range or an unsuitable image, `CancellationError` if the task was
  ///   cancelled.
  public func detect(_ image: Image, changing change: (inout DetectionOptions) -> Void) throws -> [Detection] {
    var options = Options()
    change(&options.common)
    return try detect(image, options: options)
  }
}
