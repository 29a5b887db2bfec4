import ArgumentParser

/// An error of a command, as a sentence for the user.
struct CommandError: Error, Equatable, CustomStringConvertible {
  /// The sentence to show to the user.
  let description: String

  /// Makes an error with the given sentence.
  init(_ description: String) {
    self.description = description
  }
}

/// Runs a check of the library, whose errors become usage errors with the same sentence.
func validated(_ check: () throws -> Void) throws {
  do {
    try check()
  } catch {
    throw ValidationError("\(error)")
  }
}
