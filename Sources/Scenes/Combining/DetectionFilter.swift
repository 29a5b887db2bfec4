/// What a detection must have to stay: a score for its class, a size.
public struct DetectionFilter: Sendable, Hashable, Codable {
  /// What the score of a class must exceed, 0 to 1, by label; at 0 every score stays, as that of a class without an entry.
  ///
  /// A detector does not report what its own confidence leaves out: lower that to the least of these.
  public var confidence: [String: Float]
  /// The least length of a box's shorter side, in pixels.
  public var minSide: Float
  /// The largest length of a box's longer side, in pixels.
  public var maxSide: Float

  /// Makes a filter, which keeps everything unless told otherwise.
  public init(confidence: [String: Float] = [:], minSide: Float = 0, maxSide: Float = .infinity) {
    self.confidence = confidence
    self.minSide = minSide
    self.maxSide = maxSide
  }

  /// Checks the filter.
  ///
  /// - Parameter labels: the detector's class names, where they are known; those of the thresholds are then among them.
  /// - Throws: `SceneError.invalidParameter` for a threshold outside 0 to 1, sides that leave no size, or an unknown
  ///   label.
  public func validate(labels: [String]? = nil) throws(SceneError) {
    for (label, threshold) in confidence.sorted(by: { $0.key < $1.key }) {
      guard (0...1).contains(threshold) else {
        throw .invalidParameter("the confidence of '\(label)' lies between 0 and 1, got \(threshold)")
      }
      if let labels, !labels.contains(label) {
        throw .invalidParameter("'\(label)' is not one of the \(labels.count) labels")
      }
    }
    guard minSide >= 0, maxSide >= minSide else {
      throw .invalidParameter(
        "the sides of boxes go from 0 or more up to as much or more, got \(minSide) to \(maxSide)")
    }
  }

  /// Whether a detection stays.
  public func keeps(_ detection: Detection) -> Bool {
    let threshold = confidence[detection.label] ?? 0
    return (detection.score > threshold || threshold == 0)
      && min(detection.box.width, detection.box.height) >= minSide
      && max(detection.box.width, detection.box.height) <= maxSide
  }

  /// The detections that stay, in their order.
  public func callAsFunction(_ detections: [Detection]) -> [Detection] { detections.filter(keeps) }
}
