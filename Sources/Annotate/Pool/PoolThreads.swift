import Files
import Glibc

/// The threads of a pool as a task executor. A task that prefers it runs on one of them and keeps its task-local
/// values.
///
/// The threads retain the executor while they live, since jobs do not. After its owner has called `stop`, no task may
/// prefer the executor.
final class PoolThreads: TaskExecutor, @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  // Both are protected by the mutex. There are few more jobs than threads, since a task takes its turn before it is
  // here.
  private var jobs: [UnownedJob] = []
  private var isStopped = false

  /// Starts the threads.
  ///
  /// - Throws: `DetectionPoolError.threadsUnavailable` if one cannot be started. The others then end.
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
          "a pool needs \(count) threads, but the system started only \(index): \(FileSystem.reason(code))")
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
    // The last access: once the mutex is unlocked, the job may run and its pool and this object may be released.
    pthread_mutex_unlock(mutex)
  }

  /// Ends the threads when all jobs are done.
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

/// The main function of a pool thread.
private func runPoolThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument else { return nil }
  let start = Unmanaged<PoolThreads.Start>.fromOpaque(argument).takeRetainedValue()
  nameThread("limn-pool-\(start.index)")
  start.threads.work()
  return nil
}

/// Sets the name of the calling thread, at most 15 bytes, which `top -H` shows. The function of the C library is not
/// available in Swift.
private func nameThread(_ name: String) {
  let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return }
  _ = write(descriptor, name, name.utf8.count)
  close(descriptor)
}
