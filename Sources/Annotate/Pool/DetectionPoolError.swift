/// An error of a detection pool.
public enum DetectionPoolError: Error, Sendable, Equatable, CustomStringConvertible {
  /// As many detections are running and waiting as the pool allows. A server should answer 503.
  case full(running: Int, waiting: Int)
  /// A number out of range.
  case invalidParameter(String)
  /// The system could not start all threads of the pool.
  case threadsUnavailable(String)

  /// The error as a sentence for the user.
  public var description: String {
    switch self {
    case .full(let running, let waiting):
      "the pool is full: \(running) running, \(waiting) waiting; try again later"
    case .invalidParameter(let text), .threadsUnavailable(let text): text
    }
  }
}
