import Files
import Glibc

/// Threads of a pool, as an executor: a task that prefers it runs on one of them, with all that belongs to the task.
///
/// The threads own the executor as long as they live, since jobs do not. `stop` is its owner's last word: no task may
/// prefer the executor by then.
final class PoolThreads: TaskExecutor, @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  // Both behind the mutex. There are not many more jobs than threads: a task has its turn before it comes here.
  private var jobs: [UnownedJob] = []
  private var isStopped = false

  /// Starts threads.
  ///
  /// - Throws: `DetectionPoolError.threadsUnavailable`; those that were started then end.
  init(count: Int) throws(DetectionPoolError) {
    mutex.initialize(to: pthread_mutex_t())
    arrival.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(arrival, nil)
    for index in 0..<count {
      let start = Unmanaged.passRetained(Start(threads: self, index: index))
      var thread = pthread_t()
      let code = pthread_create(&thread, nil, runPoolThread, start.toOpaque())
      guard code == 0 else {
        start.release()
        stop()
        throw .threadsUnavailable(
          "a pool of \(count) threads: the system gives no more than \(index): \(FileSystem.reason(code))")
      }
      pthread_detach(thread)
    }
  }

  deinit {
    pthread_cond_destroy(arrival)
    pthread_mutex_destroy(mutex)
    arrival.deallocate()
    mutex.deallocate()
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    pthread_mutex_lock(mutex)
    jobs.append(job)
    pthread_cond_signal(arrival)
    // The last touch: once it is unlocked, the job may run, its pool may go, and this object with it.
    pthread_mutex_unlock(mutex)
  }

  /// Ends the threads, each when it has nothing left to run.
  func stop() {
    pthread_mutex_lock(mutex)
    isStopped = true
    pthread_cond_broadcast(arrival)
    pthread_mutex_unlock(mutex)
  }

  fileprivate func work() {
    while let job = nextJob() { job.runSynchronously(on: asUnownedTaskExecutor()) }
  }

  private func nextJob() -> UnownedJob? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while jobs.isEmpty {
      if isStopped { return nil }
      pthread_cond_wait(arrival, mutex)
    }
    return jobs.removeFirst()
  }

  fileprivate final class Start: Sendable {
    let threads: PoolThreads
    let index: Int

    init(threads: PoolThreads, index: Int) {
      self.threads = threads
      self.index = index
    }
  }
}

/// A thread's whole life.
private func runPoolThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument else { return nil }
  let start = Unmanaged<PoolThreads.Start>.fromOpaque(argument).takeRetainedValue()
  nameThread("limn-pool-\(start.index)")
  start.threads.work()
  return nil
}

/// Names the calling thread, for whoever looks at the process with `top -H`: 15 bytes at most. The C library's own call is
/// not seen from Swift.
private func nameThread(_ name: String) {
  let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return }
  _ = write(descriptor, name, name.utf8.count)
  close(descriptor)
}
