import Dispatch
import Glibc
import Synchronization

/// Turns the first request to stop (interrupt, terminate, hang up) into a call; the second ends the process at once.
final class Interruption: Sendable {
  private let received = Atomic<Int32>(0)
  private let isGraceful = Atomic<Bool>(false)

  /// The one that the present command runs under.
  @TaskLocal static var current: Interruption?

  /// From here on the first request stops the work between two images instead of ending the process.
  func becomeGraceful() { isGraceful.store(true, ordering: .releasing) }

  /// The signal that came, if one did.
  var receivedSignal: Int32? {
    let number = received.load(ordering: .acquiring)
    return number == 0 ? nil : number
  }

  /// Listens until the process ends; `stop` is called for the first request once the work is graceful.
  func listen(_ stop: @escaping @Sendable () -> Void) {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      // What the parent has us ignore, as nohup does with a hang-up, stays ignored.
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

  /// Ends the process by a signal's default action, as its parent expects of a process that was stopped.
  static func end(by number: Int32) -> Never {
    signal(number, SIG_DFL)
    // The threads of the concurrency pool hold signals back.
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, number)
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
    raise(number)
    exit(128 + number)
  }
}
