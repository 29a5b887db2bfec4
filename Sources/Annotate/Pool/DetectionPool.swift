import Codecs
import Scenes

/// Threads for detections, with a bound on how many run at once and how many wait: what a server needs.
///
/// A detection computes until it is done. On the few threads that all tasks of a program share, it would hold up
/// everything else; a pool runs it on a thread of its own, while its caller is suspended.
///
///     let pool = try DetectionPool(concurrency: 2)
///     let answer = try await pool.detect(file: bytes, with: detector)
///
/// Up to `concurrency` detections run at once. Further ones wait, in the order they came; when `waitingLimit` of them
/// wait already, the next is refused at once. Priorities of tasks change nothing in the order.
///
/// The bounds hold for all detectors that a pool serves, so that one pool can serve several. A task that is cancelled
/// while it waits leaves at once and its place is free again; a detection that runs ends at its detector's next look at
/// `Task.isCancelled`. The task's local values are there too.
///
/// The threads end with the pool.
public final class DetectionPool: Sendable {
  /// How many detections run at once.
  public let concurrency: Int
  /// How many may wait.
  public let waitingLimit: Int

  private let turns: Turns
  private let threads: PoolThreads

  /// Makes a pool and starts its threads.
  ///
  /// - Parameters:
  ///   - concurrency: how many detections run at once, each on a thread of the pool: 1 to 1024.
  ///   - waitingLimit: how many may wait for their turn, 0 or more; with 0 there is no waiting. Each that waits keeps its
  ///     picture in memory.
  /// - Throws: `DetectionPoolError.invalidParameter` for a number out of range, `threadsUnavailable` where the system
  ///   gives too few threads.
  public init(concurrency: Int, waitingLimit: Int = 100) throws(DetectionPoolError) {
    guard (1...1024).contains(concurrency) else {
      throw .invalidParameter("a pool runs 1 to 1024 detections at once, got \(concurrency)")
    }
    guard waitingLimit >= 0 else {
      throw .invalidParameter("the most detections that wait is at least 0, got \(waitingLimit)")
    }
    self.concurrency = concurrency
    self.waitingLimit = waitingLimit
    turns = Turns(count: concurrency, waitingLimit: waitingLimit)
    threads = try PoolThreads(count: concurrency)
  }

  deinit { threads.stop() }

  /// How many detections run and wait at this moment.
  public var load: Load { turns.load }

  /// Finds the objects of an image.
  ///
  /// - Parameters:
  ///   - image: the image; it is not copied.
  ///   - detector: finds the objects.
  ///   - options: what it is to find.
  /// - Throws: `DetectionPoolError.full` where too many wait already, `CancellationError` where the task was cancelled,
  ///   and what the detector throws.
  public func detect<D: Detector>(
    _ image: Image, with detector: D, options: D.Options = D.Options()
  ) async throws -> Answer {
    try await onThread { waiting in
      try Self.detect(image, with: detector, options: options, Times(waiting: waiting))
    }
  }

  /// Decodes the bytes of a JPEG or PNG file and finds the objects of the image, both on a thread of the pool.
  ///
  /// - Parameters:
  ///   - bytes: the whole file; how many there may be is the caller's to check. They are not copied.
  ///   - detector: finds the objects.
  ///   - options: what it is to find.
  ///   - decoding: which images are taken; its `byteLimit` is for files that are read from a path.
  /// - Throws: `DetectionPoolError.full` where too many wait already, `CancellationError` where the task was cancelled,
  ///   `ImageFileError` for bytes that are no image or one over the limits, and what the detector throws.
  public func detect<D: Detector>(
    file bytes: [UInt8], with detector: D, options: D.Options = D.Options(),
    decoding: ImageFile.DecodingOptions = ImageFile.DecodingOptions()
  ) async throws -> Answer {
    try await onThread { waiting in
      let start = ContinuousClock.now
      let image = try ImageFile.decode(bytes: bytes, options: decoding)
      let times = Times(waiting: waiting, decoding: start.duration(to: .now))
      try Task.checkCancellation()
      return try Self.detect(image, with: detector, options: options, times)
    }
  }

  private static func detect<D: Detector>(
    _ image: Image, with detector: D, options: D.Options, _ times: Times
  ) throws -> Answer {
    let start = ContinuousClock.now
    let detections = try detector.detect(image, options: options)
    var times = times
    times.detecting = start.duration(to: .now)
    return Answer(width: image.width, height: image.height, detections: detections, times: times)
  }

  /// Does the work on a thread of the pool when its turn has come.
  private func onThread(_ work: (_ waiting: Duration) throws -> Answer) async throws -> Answer {
    let arrival = ContinuousClock.now
    try await turns.take()
    return try await withTaskExecutorPreference(threads) {
      // Given back here rather than by the caller's executor, which may be busy: the next in turn need not wait for it.
      defer { turns.giveBack() }
      // The task may have been cancelled in the moment that its turn came.
      try Task.checkCancellation()
      return try work(arrival.duration(to: .now))
    }
  }
}
