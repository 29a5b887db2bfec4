/// What the operators and values of `Tensor` refuse, with the numbers.
public enum TensorError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A shape, size or count that does not fit its use.
  case invalidShape(String)
  /// A parameter outside its range.
  case invalidParameter(String)
  /// A level that this CPU lacks or that does not exist.
  case unavailableLevel(String)
  /// A precision that the level, or the weight file, has not got.
  case unavailablePrecision(String)

  /// The sentence to show.
  public var description: String {
    switch self {
    case .invalidShape(let text), .invalidParameter(let text), .unavailableLevel(let text),
      .unavailablePrecision(let text):
      text
    }
  }
}
