import Dispatch
import Glibc
import Synchronization

/// Handles signals that ask the process to stop (SIGINT, SIGTERM, SIGHUP). The first one stops the work gracefully, the
/// second ends the process at once.
final class Interruption: Sendable {
  private let received = Atomic<Int32>(0)
  private let isGraceful = Atomic<Bool>(false)

  /// The handler of the current command.
  @TaskLocal static var current: Interruption?

  /// Makes the first signal stop the work between two images, instead of ending the process.
  func becomeGraceful() { isGraceful.store(true, ordering: .releasing) }

  /// The received signal, or nil.
  var receivedSignal: Int32? {
    let number = received.load(ordering: .acquiring)
    return number == 0 ? nil : number
  }

  /// Listens for signals until the process ends. `stop` is called for the first one after `becomeGraceful()`.
  func listen(_ stop: @escaping @Sendable () -> Void) {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      // A signal that the parent set to be ignored, as nohup does with SIGHUP, stays ignored.
      if unsafeBitCast(signal(number, SIG_IGN), to: UInt.self) == unsafeBitCast(SIG_IGN, to: UInt.self) { continue }
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [self] in
        let isFirst = received.exchange(number, ordering: .acquiringAndReleasing) == 0
        if isFirst, isGraceful.load(ordering: .acquiring) {
          stop()
        } else {
          Self.end(by: number)
        }
        withExtendedLifetime(source) {}
      }
      source.resume()
    }
  }

  /// Ends the process by a signal's default action, as its parent expects.
  static func end(by number: Int32) -> Never {
    signal(number, SIG_DFL)
    // Signals are blocked in the threads of the concurrency pool.
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, number)
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
    raise(number)
    exit(128 + number)
  }
}
