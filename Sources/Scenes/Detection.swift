/// An object detected in an image.
///
/// Its coded form is the detection of Limn's format `json`, in full precision.
public struct Detection: Sendable, Hashable, Codable {
  /// The bounding box in continuous pixels of the image given to the detector, inside that image.
  public var box: Box
  /// The confidence, 0 to 1.
  public var score: Float
  /// The number of the class, from 0: the index of its name in `Detector.labels`.
  public var classID: Int
  /// The name of the class.
  public var label: String
  /// The object's pixels in the image given to the detector; nil if the detector finds only boxes.
  public var mask: Mask?
  /// The object's outline if it is a circle, else nil. It is in continuous pixels of the image given to the detector
  /// and may reach beyond that image.
  public var circle: Circle?

  /// The most classes of a detector and the most bytes of a class name, of which each detection has a copy.
  package static let labelLimits = (count: 10_000, byteCount: 1_000)

  /// The label that torchvision's networks give class 0, which stands for no object.
  package static let backgroundLabel = "__background__"

  private enum CodingKeys: String, CodingKey {
    case label
    case classID = "class_id"
    case score
    case box
    case mask
    case circle
  }

  /// Makes a detection, by default without a mask and a circle.
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
