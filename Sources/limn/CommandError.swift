/// Why a command could not start, as a sentence for its user.
struct CommandError: Error, Equatable, CustomStringConvertible {
  /// The sentence.
  let description: String

  /// Makes an error from its sentence.
  init(_ description: String) {
    self.description = description
  }
}
