/// What images, shapes, detections and options refuse, with the numbers.
public enum SceneError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A size, or a count of samples or runs, that no image or mask has.
  case invalidShape(String)
  /// A value or an option outside its range.
  case invalidParameter(String)

  /// The sentence to show.
  public var description: String {
    switch self {
    case .invalidShape(let text), .invalidParameter(let text): text
    }
  }
}
