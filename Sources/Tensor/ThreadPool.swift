import Glibc
import Synchronization

/// A pool of threads: the caller and `count - 1` workers process the indices of a loop until none is left.
///
/// Between loops, workers spin for a moment, since the operators of a network follow each other closely, and then
/// sleep. While one loop uses the workers, others run only on their caller's thread.
package final class ThreadPool: Sendable {
  package let count: Int
  private let state: State
  private let workers: Workers

  package init(count: Int) {
    self.count = max(count, 1)
    state = State()
    workers = Workers()
  }

  deinit { workers.stop(state) }

  /// Calls `body(worker, index)` for every index below `count`, in any order, and returns when all calls have ended.
  /// `worker` is below the pool's `count`.
  ///
  /// The body runs on several threads at once, which the compiler knows: it cannot capture an arena or a variable. What
  /// it captures as views, or as pointers marked `nonisolated(unsafe)`, calls must write at different places.
  package func parallel(_ count: Int, _ body: @Sendable (_ worker: Int, _ index: Int) -> Void) {
    guard self.count > 1, count > 1, count < 1 << 31,
      !state.busy.exchange(true, ordering: .acquiring)
    else {
      for index in 0..<count { body(0, index) }
      return
    }
    workers.start(self.count - 1, state)
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: Body(run: body)) { state.run(count, UnsafeRawPointer($0)) }
    }
    state.busy.store(false, ordering: .releasing)
  }

  /// Wraps the body, since a pointer to a closure itself would make the compiler allocate a wrapper closure.
  fileprivate struct Body {
    let run: @Sendable (Int, Int) -> Void
  }

  /// The state that the caller and the workers share.
  ///
  /// The upper half of `ticket` is the generation of the loop, the lower half the number of indices left. A worker that
  /// finds indices left reads the body, then claims the last index by compare-and-exchange of the whole ticket. If that
  /// succeeds, the loop was still running, so the body belongs to it. So no loop waits for a sleeping worker.
  fileprivate final class State: Sendable {
    let busy = Atomic<Bool>(false)
    private let ticket = Atomic<UInt64>(0)
    private let body = Atomic<UInt>(0)
    private let unfinished = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let stopped = Atomic<Bool>(false)
    private let wakeUp = Signal()

    func run(_ count: Int, _ body: UnsafeRawPointer) {
      self.body.store(UInt(bitPattern: body), ordering: .relaxed)
      unfinished.store(count, ordering: .relaxed)
      let generation = (ticket.load(ordering: .relaxed) >> 32) &+ 1
      ticket.store(generation << 32 | UInt64(count), ordering: .sequentiallyConsistent)
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 { wakeUp.broadcast() }
      take(worker: 0)
      var spins = 0
      while unfinished.load(ordering: .acquiring) > 0 {
        Machine.relax()
        spins &+= 1
        if spins & 0xfff == 0 { sched_yield() }
      }
    }

    /// Processes indices of the current loop until none is left.
    private func take(worker: Int) {
      while true {
        let claim = ticket.load(ordering: .acquiring)
        let left = Int(claim & 0xffff_ffff)
        let address = body.load(ordering: .relaxed)
        guard left > 0, let body = UnsafeRawPointer(bitPattern: address) else { return }
        guard
          ticket.compareExchange(expected: claim, desired: claim - 1, ordering: .acquiringAndReleasing).exchanged
        else { continue }
        body.assumingMemoryBound(to: Body.self).pointee.run(worker, left - 1)
        unfinished.wrappingSubtract(1, ordering: .releasing)
      }
    }

    func work(_ worker: Int) {
      var seen: UInt64 = 0
      while true {
        var spins = 0
        while ticket.load(ordering: .acquiring) >> 32 == seen {
          if stopped.load(ordering: .relaxed) { return }
          Machine.relax()
          spins &+= 1
          if spins == 20_000 {
            sleep(seen)
            spins = 0
          }
        }
        seen = ticket.load(ordering: .acquiring) >> 32
        take(worker: worker)
      }
    }

    private func sleep(_ seen: UInt64) {
      sleepers.add(1, ordering: .sequentiallyConsistent)
      wakeUp.wait {
        ticket.load(ordering: .sequentiallyConsistent) >> 32 != seen || stopped.load(ordering: .relaxed)
      }
      sleepers.subtract(1, ordering: .sequentiallyConsistent)
    }

    func stop() {
      stopped.store(true, ordering: .sequentiallyConsistent)
      wakeUp.broadcast()
    }
  }

  /// The worker threads, started by the first loop that can use them.
  private final class Workers: Sendable {
    private struct Threads: @unchecked Sendable { var identifiers: [pthread_t] = [] }
    private let threads = Mutex(Threads())
    private let started = Atomic<Bool>(false)

    func start(_ count: Int, _ state: State) {
      if started.load(ordering: .acquiring) { return }
      threads.withLock { threads in
        for worker in 1...count {
          let context = Unmanaged.passRetained(Start(state: state, worker: worker))
          var thread = pthread_t()
          let code = pthread_create(&thread, nil, runWorker, context.toOpaque())
          // If a thread cannot be started, the others process its indices.
          if code == 0 { threads.identifiers.append(thread) } else { context.release() }
        }
      }
      started.store(true, ordering: .releasing)
    }

    func stop(_ state: State) {
      state.stop()
      threads.withLock { threads in
        for thread in threads.identifiers { pthread_join(thread, nil) }
      }
    }
  }

  fileprivate final class Start: Sendable {
    let state: State
    let worker: Int
    init(state: State, worker: Int) {
      self.state = state
      self.worker = worker
    }
  }

  /// A condition variable of the C library.
  private final class Signal: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
      mutex.initialize(to: pthread_mutex_t())
      condition.initialize(to: pthread_cond_t())
      pthread_mutex_init(mutex, nil)
      pthread_cond_init(condition, nil)
    }

    deinit {
      pthread_cond_destroy(condition)
      pthread_mutex_destroy(mutex)
      condition.deallocate()
      mutex.deallocate()
    }

    func wait(until isDone: () -> Bool) {
      pthread_mutex_lock(mutex)
      while !isDone() { pthread_cond_wait(condition, mutex) }
      pthread_mutex_unlock(mutex)
    }

    func broadcast() {
      pthread_mutex_lock(mutex)
      pthread_cond_broadcast(condition)
      pthread_mutex_unlock(mutex)
    }
  }
}

/// The main function of a worker thread.
private func runWorker(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument else { return nil }
  let start = Unmanaged<ThreadPool.Start>.fromOpaque(argument).takeRetainedValue()
  start.state.work(start.worker)
  return nil
}
