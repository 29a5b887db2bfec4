import Synchronization

/// Text and events in the order they came, from any thread.
package final class Log: Sendable {
  private let entries = Mutex<[String]>([])

  package init() {}

  package var all: [String] { entries.withLock { $0 } }

  package func append(_ entry: String) { entries.withLock { $0.append(entry) } }
}
