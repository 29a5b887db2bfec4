import Annotate
import Files
import Glibc

/// The descriptors of the three standard streams.
enum StandardDescriptors {
  /// Opens `/dev/null` for standard streams that the parent closed, so that no other file gets their descriptors.
  ///
  /// Each is opened for the wrong direction, so that using it fails and no result is lost unnoticed.
  static func reserve() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }
}

/// Standard output, for commands whose result is a short text.
enum StandardOutput {
  /// Writes text.
  static func write(_ text: String) throws(AnnotationError) {
    do throws(FileError) {
      try FileSystem.writeAll(Array(text.utf8), to: STDOUT_FILENO, path: "standard output")
    } catch {
      throw AnnotationError(error)
    }
  }
}

/// Standard error, for everything that is not the result.
enum StandardError {
  /// Whether standard error is a terminal.
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Writes text. A failure is ignored, since there is nowhere to report it.
  static func write(_ text: String) {
    try? FileSystem.writeAll(Array(text.utf8), to: STDERR_FILENO, path: "standard error")
  }
}

/// Standard input, for lists of paths.
enum StandardInput {
  /// Reads all bytes up to the end.
  static func readAll() throws(CommandError) -> [UInt8] {
    var bytes: [UInt8] = []
    do throws(FileError) {
      try FileSystem.readAll(STDIN_FILENO, path: "standard input") { bytes += $0 }
    } catch {
      throw CommandError("cannot read standard input: \(error.reason)")
    }
    return bytes
  }
}
