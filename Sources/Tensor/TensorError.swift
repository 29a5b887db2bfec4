/// An error of a tensor, an operator or an engine. Each has a sentence with the actual numbers.
public enum TensorError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A shape, size or count is not one that the operation takes.
  case invalidShape(String)
  /// A parameter is out of range.
  case invalidParameter(String)
  /// The CPU lacks the requested instruction-set level, or there is no level of that name.
  case unavailableLevel(String)
  /// The engine's level, or the weight file, does not support the requested precision.
  case unavailablePrecision(String)

  /// The sentence to show to the user.
  public var description: String {
    switch self {
    case .invalidShape(let text), .invalidParameter(let text), .unavailableLevel(let text),
      .unavailablePrecision(let text):
      text
    }
  }
}
