/// A filter of detections by the score, for each class, and by the size of the box.
public struct DetectionFilter: Sendable, Hashable, Codable {
  /// The confidence thresholds of classes, 0 to 1, by label. Detections with a higher score are kept; a threshold of 0
  /// keeps every score. Classes without an entry have the threshold 0.
  ///
  /// The detector applies its own confidence threshold first, which should not be above the lowest of these.
  public var confidence: [String: Float]
  /// The least length of a box's shorter side in pixels, at least 0.
  public var minSide: Float
  /// The largest length of a box's longer side in pixels, at least `minSide`.
  public var maxSide: Float

  /// Makes a filter, which by default keeps all detections; the ranges are checked by `validate(labels:)`.
  public init(confidence: [String: Float] = [:], minSide: Float = 0, maxSide: Float = .infinity) {
    self.confidence = confidence
    self.minSide = minSide
    self.maxSide = maxSide
  }

  /// Checks the filter.
  ///
  /// - Parameter labels: The class names of the detector, to check the labels of `confidence`; nil to skip that check.
  /// - Throws: `SceneError.invalidParameter` for a value out of range or an unknown label.
  public func validate(labels: [String]? = nil) throws(SceneError) {
    for (label, threshold) in confidence.sorted(by: { $0.key < $1.key }) {
      guard (0...1).contains(threshold) else {
        throw .invalidParameter("the confidence of '\(label)' must be 0 to 1, got \(threshold)")
      }
      if let labels, !labels.contains(label) {
        throw .invalidParameter("'\(label)' is not one of the \(labels.count) labels")
      }
    }
    guard minSide >= 0, maxSide >= minSide else {
      throw .invalidParameter(
        "minSide must be at least 0 and maxSide at least minSide, got \(minSide) and \(maxSide)")
    }
  }

  /// Whether the filter keeps a detection.
  public func keeps(_ detection: Detection) -> Bool {
    DetectionOptions.keeps(score: detection.score, above: confidence[detection.label] ?? 0)
      && min(detection.box.width, detection.box.height) >= minSide
      && max(detection.box.width, detection.box.height) <= maxSide
  }

  /// Returns the detections that the filter keeps, in their order.
  public func callAsFunction(_ detections: [Detection]) -> [Detection] { detections.filter(keeps) }
}
