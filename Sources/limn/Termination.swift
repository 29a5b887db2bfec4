import Annotate
import ArgumentParser
import Files
import Glibc

/// How the process ends.
enum Termination: Sendable, Equatable {
  /// With the exit code 0, 1 or 2.
  case status(Int32)
  /// By the signal that asked it to stop.
  case interrupted
  /// By SIGPIPE, since the reader of its output has closed it.
  case outputClosed

  /// Writes an error to standard error, and chooses how the process ends.
  init(_ error: any Error) {
    switch error {
    case let code as ExitCode: self = .status(code.rawValue)
    case is CancellationError: self = .interrupted
    case AnnotationError.outputClosed: self = .outputClosed
    case is AnnotationError, is CommandError, is InputError:
      StandardError.write("limn: \("\(error)".printable)\n")
      self = .status(2)
    case _ where Limn.exitCode(for: error).isSuccess:
      do {
        try StandardOutput.write(Limn.fullMessage(for: error) + "\n")
        self = .status(0)
      } catch {
        self.init(error)
      }
    default:
      StandardError.write(Advice.improved(Limn.fullMessage(for: error)) + "\n")
      self = .status(2)
    }
  }

  /// Ends the process; `signal` is the signal that interrupted it.
  func end(signal: Int32?) -> Never {
    switch self {
    case .status(let status): exit(status)
    case .interrupted: Interruption.end(by: signal ?? SIGINT)
    case .outputClosed: Interruption.end(by: SIGPIPE)
    }
  }
}
