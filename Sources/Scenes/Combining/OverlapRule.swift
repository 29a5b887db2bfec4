/// When two detections are taken for one object.
public struct OverlapRule: Sendable, Hashable, Codable {
  /// What the shared area is divided by.
  public enum Measure: String, Sendable, Hashable, Codable, CaseIterable {
    /// The area of both together: intersection over union.
    case union
    /// The area of the smaller one: intersection over the smaller area, which also finds a part inside the whole.
    case smallerArea = "smaller-area"
  }

  /// The share above which two detections are one object, 0 to 1; for merging, the share from which on they are.
  public var overlap: Float
  /// What the share is of.
  public var measure: Measure
  /// Whether detections of different classes may be one object.
  public var acrossClasses: Bool

  /// Makes a rule.
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
      throw .invalidParameter("the overlap lies between 0 and 1, got \(overlap)")
    }
  }

  /// The shared part of two detections: of their masks where both have one, else of their boxes. 0 for empty ones.
  ///
  /// - Throws: `SceneError.invalidShape` for masks of images that differ in size.
  public func overlap(of first: Detection, _ second: Detection) throws(SceneError) -> Float {
    if let mask = first.mask, let other = second.mask {
      return try overlap(of: mask, other)
    }
    return overlap(of: first.box, second.box)
  }

  /// The shared part of two masks.
  func overlap(of first: Mask, _ second: Mask) throws(SceneError) -> Float {
    let shared = try first.intersectionArea(with: second)
    let (area, other) = (first.area, second.area)
    return quotient(Double(shared), Double(area), Double(other))
  }

  /// The shared part of two boxes.
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
