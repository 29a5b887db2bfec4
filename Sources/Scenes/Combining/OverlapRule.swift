/// A rule that decides whether two detections are the same object.
public struct OverlapRule: Sendable, Hashable, Codable {
  /// The area by which the common area of two detections is divided.
  public enum Measure: String, Sendable, Hashable, Codable, CaseIterable {
    /// The area of the union: intersection over union.
    case union
    /// The area of the smaller one, so that a part inside a whole also overlaps it completely.
    case smallerArea = "smaller-area"
  }

  /// The overlap threshold, 0 to 1. Detections are suppressed above the threshold, and merged at or above it.
  public var overlap: Float
  /// The measure of the overlap.
  public var measure: Measure
  /// Whether detections of different classes can be the same object.
  public var acrossClasses: Bool

  /// Makes a rule; the overlap is checked by `validate()`.
  public init(overlap: Float = 0.5, by measure: Measure = .union, acrossClasses: Bool = false) {
    self.overlap = overlap
    self.measure = measure
    self.acrossClasses = acrossClasses
  }

  private enum CodingKeys: String, CodingKey {
    case overlap
    case measure = "by"
    case acrossClasses = "across-classes"
  }

  /// Checks the rule.
  ///
  /// - Throws: `SceneError.invalidParameter` for an overlap outside 0 to 1.
  public func validate() throws(SceneError) {
    guard (0...1).contains(overlap) else {
      throw .invalidParameter("the overlap must be 0 to 1, got \(overlap)")
    }
  }

  /// Returns the overlap of two detections, 0 to 1: that of their masks if both have one, else that of their boxes. It
  /// is 0 if the area to divide by is not above 0.
  ///
  /// - Throws: `SceneError.invalidShape` for masks of different sizes.
  public func overlap(of first: Detection, _ second: Detection) throws(SceneError) -> Float {
    if let mask = first.mask, let other = second.mask {
      return try overlap(of: mask, other)
    }
    return overlap(of: first.box, second.box)
  }

  /// Returns the overlap of two masks, 0 to 1.
  func overlap(of first: Mask, _ second: Mask) throws(SceneError) -> Float {
    let shared = try first.intersectionArea(with: second)
    let (area, other) = (first.area, second.area)
    return quotient(Double(shared), Double(area), Double(other))
  }

  /// Returns the overlap of two boxes, 0 to 1.
  func overlap(of first: Box, _ second: Box) -> Float {
    func side(_ low: Float, _ high: Float) -> Double { Double(high) - Double(low) }
    let width = side(max(first.x1, second.x1), min(first.x2, second.x2))
    let height = side(max(first.y1, second.y1), min(first.y2, second.y2))
    let area = side(first.x1, first.x2) * side(first.y1, first.y2)
    let other = side(second.x1, second.x2) * side(second.y1, second.y2)
    return quotient(max(width, 0) * max(height, 0), area, other)
  }

  private func quotient(_ shared: Double, _ area: Double, _ other: Double) -> Float {
    let whole =
      switch measure {
      case .union: area + other - shared
      case .smallerArea: min(area, other)
      }
    return whole > 0 ? Float(shared / whole) : 0
  }
}
