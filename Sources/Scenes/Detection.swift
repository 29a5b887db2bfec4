/// One object found in an image.
///
/// The coded form is the object that `json` has, in full precision.
public struct Detection: Sendable, Hashable, Codable {
  /// Edges in continuous pixels of the image given to the detector, inside it.
  public var box: Box
  /// Confidence, 0 to 1.
  public var score: Float
  /// The class as the network numbers it, from 0.
  public var classID: Int
  /// The class's name.
  public var label: String
  /// The object's pixels in the image given to the detector; nil from detectors of boxes.
  public var mask: Mask?
  /// The object's outline where it is a circle, in continuous pixels of that image, beyond which it may reach; nil from
  /// detectors of other things.
  public var circle: Circle?

  /// The most classes of a detector, and the most bytes of a class's name: each detection has a copy of one.
  package static let labelLimits = (count: 10_000, byteCount: 1_000)

  private enum CodingKeys: String, CodingKey {
    case label
    case classID = "class_id"
    case score
    case box
    case mask
    case circle
  }

  /// Makes a detection, without a mask and a circle unless they are given.
  public init(
    box: Box, score: Float, classID: Int, label: String, mask: Mask? = nil, circle: Circle? = nil
  ) {
    self.box = box
    self.score = score
    self.classID = classID
    self.label = label
    self.mask = mask
    self.circle = circle
  }
}
