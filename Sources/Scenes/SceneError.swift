/// An error of images, shapes, detections or options. The sentences contain the numbers.
public enum SceneError: Error, Sendable, Equatable, CustomStringConvertible {
  /// An invalid size, or a number of samples or runs that does not fit the size of an image or mask.
  case invalidShape(String)
  /// A value or option out of range.
  case invalidParameter(String)

  /// The error as a sentence for the user.
  public var description: String {
    switch self {
    case .invalidShape(let text), .invalidParameter(let text): text
    }
  }
}
