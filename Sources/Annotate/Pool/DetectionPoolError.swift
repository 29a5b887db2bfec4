/// Why a pool could not be made, or does not take a detection.
public enum DetectionPoolError: Error, Sendable, Equatable, CustomStringConvertible {
  /// As many detections run and wait as may. For a server it is the moment to answer 503.
  case full(running: Int, waiting: Int)
  /// A number out of range.
  case invalidParameter(String)
  /// The system gives fewer threads than the pool needs.
  case threadsUnavailable(String)

  /// The sentence to show.
  public var description: String {
    switch self {
    case .full(let running, let waiting):
      "the pool is full: \(running) running, \(waiting) waiting; try again later"
    case .invalidParameter(let text), .threadsUnavailable(let text): text
    }
  }
}
