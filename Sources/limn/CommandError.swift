import ArgumentParser

/// Why a command could not start, as a sentence for its user.
struct CommandError: Error, Equatable, CustomStringConvertible {
  /// The sentence.
  let description: String

  /// Makes an error from its sentence.
  init(_ description: String) {
    self.description = description
  }
}

/// Checks options as the library does, whose sentence is then that of a usage error.
func validated(_ check: () throws -> Void) throws {
  do {
    try check()
  } catch {
    throw ValidationError("\(error)")
  }
}
