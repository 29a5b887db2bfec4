import Tensor

/// One object found in a picture.
public struct Detection: Sendable, Hashable {
  /// Edges in continuous pixels of the picture given to the detector, inside it.
  public var box: Box
  /// Confidence, 0 to 1.
  public var score: Float
  /// The class as the network numbers it, from 0.
  public var classID: Int
  /// The class's name.
  public var label: String
  /// The object's pixels in the picture given to the detector; nil from detectors of boxes.
  public var mask: Mask?

  /// Makes a detection, without a mask unless one is given.
  public init(box: Box, score: Float, classID: Int, label: String, mask: Mask? = nil) {
    self.box = box
    self.score = score
    self.classID = classID
    self.label = label
    self.mask = mask
  }
}
