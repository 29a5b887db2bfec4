/// The options that all detectors have: the confidence and overlap thresholds, the number of detections and the
/// classes.
public struct DetectionOptions: Sendable, Hashable, Codable {
  /// The confidence threshold, 0 to 1. Detections with a higher score are kept; a threshold of 0 keeps every score.
  public var confidence: Float
  /// The largest intersection over union of two kept boxes, 0 to 1. If two boxes overlap more, the one with the lower
  /// score is dropped. Detectors that do not compare boxes, such as `CircleDetector`, ignore it.
  public var iou: Float
  /// The largest number of detections, at least 1. Those with the highest scores are kept.
  public var maxDetections: Int
  /// The classes to report, by `Detection.classID`; nil for all.
  public var classes: Set<Int>?

  /// Makes options; the ranges are checked by `validate(classCount:)`.
  public init(
    confidence: Float = 0.25, iou: Float = 0.45, maxDetections: Int = 1000, classes: Set<Int>? = nil
  ) {
    self.confidence = confidence
    self.iou = iou
    self.maxDetections = maxDetections
    self.classes = classes
  }

  /// Whether a detection with this score is kept.
  public func keeps(score: Float) -> Bool { Self.keeps(score: score, above: confidence) }

  /// Whether a score is above a confidence threshold; at 0 every score is.
  package static func keeps(score: Float, above confidence: Float) -> Bool { score > confidence || confidence == 0 }

  /// Checks the options.
  ///
  /// - Parameter classCount: The number of the detector's classes, to check `classes`; nil to skip that check.
  /// - Throws: `SceneError.invalidParameter` for a value out of range or an unknown class.
  public func validate(classCount: Int? = nil) throws(SceneError) {
    guard (0...1).contains(confidence) else {
      throw .invalidParameter("the confidence must be 0 to 1, got \(confidence)")
    }
    guard (0...1).contains(iou) else { throw .invalidParameter("the IoU threshold must be 0 to 1, got \(iou)") }
    guard maxDetections >= 1 else {
      throw .invalidParameter("the number of detections per image must be at least 1, got \(maxDetections)")
    }
    guard let classCount, let unknown = classes?.sorted().first(where: { !(0..<classCount).contains($0) }) else {
      return
    }
    throw .invalidParameter("class \(unknown) is not one of the \(classCount) classes, 0 to \(classCount - 1)")
  }
}

/// The options of a detector: the common ones and those of its own.
public protocol DetectorOptions: Sendable {
  /// Makes the detector's default options.
  init()

  /// The options that all detectors have.
  var common: DetectionOptions { get set }
}

extension DetectorOptions {
  /// The confidence threshold, 0 to 1: `common.confidence`.
  public var confidence: Float {
    get { common.confidence }
    set { common.confidence = newValue }
  }

  /// The largest intersection over union of two kept boxes, 0 to 1: `common.iou`.
  public var iou: Float {
    get { common.iou }
    set { common.iou = newValue }
  }

  /// The largest number of detections, at least 1: `common.maxDetections`.
  public var maxDetections: Int {
    get { common.maxDetections }
    set { common.maxDetections = newValue }
  }

  /// The classes to report, nil for all: `common.classes`.
  public var classes: Set<Int>? {
    get { common.classes }
    set { common.classes = newValue }
  }
}

extension DetectionOptions: DetectorOptions {
  /// Makes the default options.
  public init() { self.init(confidence: 0.25) }

  /// These options.
  public var common: DetectionOptions {
    get { self }
    set { self = newValue }
  }
}
