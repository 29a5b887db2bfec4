/// What every detector lets a call choose: how sure it must be, how much boxes may overlap, how many are wanted, of which
/// classes.
public struct DetectionOptions: Sendable, Hashable, Codable {
  /// A detection is kept when its score exceeds this, 0 to 1; at 0 every score is kept.
  public var confidence: Float
  /// Of two boxes whose intersection over union exceeds this, 0 to 1, the one of lesser score is dropped. A detector that
  /// compares no boxes, as one of circles, says so and does not look at it.
  public var iou: Float
  /// At most that many detections, those of the highest scores; at least 1.
  public var maxDetections: Int
  /// The classes to report, by `Detection.classID`; all when nil.
  public var classes: Set<Int>?

  /// Makes options.
  public init(
    confidence: Float = 0.25, iou: Float = 0.45, maxDetections: Int = 1000, classes: Set<Int>? = nil
  ) {
    self.confidence = confidence
    self.iou = iou
    self.maxDetections = maxDetections
    self.classes = classes
  }

  /// Whether the confidence keeps a score.
  public func keeps(score: Float) -> Bool { score > confidence || confidence == 0 }

  /// Checks the options.
  ///
  /// - Parameter classCount: the detector's classes, where it is known; their numbers are then checked too.
  /// - Throws: `SceneError.invalidParameter` for a value out of range, or a class that the detector has not got.
  public func validate(classCount: Int? = nil) throws(SceneError) {
    guard (0...1).contains(confidence) else {
      throw .invalidParameter("the confidence lies between 0 and 1, got \(confidence)")
    }
    guard (0...1).contains(iou) else { throw .invalidParameter("the IoU threshold lies between 0 and 1, got \(iou)") }
    guard maxDetections >= 1 else {
      throw .invalidParameter("the most detections of an image is at least 1, got \(maxDetections)")
    }
    guard let classCount, let unknown = classes?.sorted().first(where: { !(0..<classCount).contains($0) }) else {
      return
    }
    throw .invalidParameter("class \(unknown) is not one of the \(classCount) classes, 0 to \(classCount - 1)")
  }
}

/// The options of a detector: the common ones, and what it has of its own.
public protocol DetectorOptions: Sendable {
  /// The detector's defaults.
  init()

  /// What every detector has.
  var common: DetectionOptions { get set }
}

extension DetectorOptions {
  /// See `DetectionOptions.confidence`.
  public var confidence: Float {
    get { common.confidence }
    set { common.confidence = newValue }
  }

  /// See `DetectionOptions.iou`.
  public var iou: Float {
    get { common.iou }
    set { common.iou = newValue }
  }

  /// See `DetectionOptions.maxDetections`.
  public var maxDetections: Int {
    get { common.maxDetections }
    set { common.maxDetections = newValue }
  }

  /// See `DetectionOptions.classes`.
  public var classes: Set<Int>? {
    get { common.classes }
    set { common.classes = newValue }
  }
}

extension DetectionOptions: DetectorOptions {
  /// The defaults.
  public init() { self.init(confidence: 0.25) }

  /// The options themselves.
  public var common: DetectionOptions {
    get { self }
    set { self = newValue }
  }
}
