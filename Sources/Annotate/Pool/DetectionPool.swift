import Codecs
import Scenes

/// A pool of threads for detections in a server. It limits how many detections run at once and how many wait.
///
/// A detection computes without suspending until it is done. On the few threads that all tasks of a program share, it
/// would block everything else. A pool runs it on its own threads while the calling task is suspended.
///
///     let pool = try DetectionPool(concurrency: 2)
///     let answer = try await pool.detect(file: bytes, with: detector)
///
/// Up to `concurrency` detections run at once. Others wait and are served in the order of their arrival, whatever the
/// priorities of their tasks. If `waitingLimit` detections are already waiting, the next is refused at once.
///
/// One pool can serve several detectors; the limits hold for all of them together. If a task is cancelled while it
/// waits, its call ends at once and its place is free again. If it is cancelled while its detection runs, the detection
/// ends when the detector checks for cancellation. Detectors can read the task-local values of the calling task.
///
/// The threads end when the pool is released.
public final class DetectionPool: Sendable {
  /// The largest number of detections that run at once.
  public let concurrency: Int
  /// The largest number of detections that wait.
  public let waitingLimit: Int

  private let turns: Turns
  private let threads: PoolThreads

  /// Makes a pool and starts its threads.
  ///
  /// - Parameters:
  ///   - concurrency: The largest number of detections that run at once, each on a thread of the pool: 1 to 1024.
  ///   - waitingLimit: The largest number of detections that wait, at least 0. Each waiting detection keeps its image
  ///     or file in memory.
  /// - Throws: `DetectionPoolError.invalidParameter` for a number out of range, `threadsUnavailable` if the system
  ///   cannot start the threads.
  public init(concurrency: Int, waitingLimit: Int = 100) throws(DetectionPoolError) {
    guard (1...1024).contains(concurrency) else {
      throw .invalidParameter("the concurrency of a pool must be 1 to 1024, got \(concurrency)")
    }
    guard waitingLimit >= 0 else {
      throw .invalidParameter("the waiting limit of a pool must be at least 0, got \(waitingLimit)")
    }
    self.concurrency = concurrency
    self.waitingLimit = waitingLimit
    turns = Turns(count: concurrency, waitingLimit: waitingLimit)
    threads = try PoolThreads(count: concurrency)
  }

  deinit { threads.stop() }

  /// The number of detections that run and wait now.
  public var load: Load { turns.load }

  /// Detects the objects in an image on a thread of the pool.
  ///
  /// - Parameters:
  ///   - image: The image; it is not copied.
  ///   - region: The region to look at; the whole image if nil. Boxes, circles and masks are those of the whole image.
  ///   - detector: The detector.
  ///   - options: The options of the detector.
  /// - Returns: The detections in the order of the detector, and the times.
  /// - Throws: `DetectionPoolError.full` if too many detections are waiting, `CancellationError` if the task was
  ///   cancelled, or the error of the detector.
  public func detect<D: Detector>(
    _ image: Image, in region: Region? = nil, with detector: D, options: D.Options = D.Options()
  ) async throws -> Answer {
    try await onThread { waiting in
      try Self.detect(image, in: region, with: detector, options: options, Times(waiting: waiting))
    }
  }

  /// Decodes the bytes of a JPEG or PNG file and detects the objects in the image, on a thread of the pool.
  ///
  /// - Parameters:
  ///   - bytes: The whole file. The bytes are not copied, and the caller must limit their number.
  ///   - region: The region to look at, in pixels of the upright image; the whole image if nil. Boxes, circles and masks
  ///     are those of the whole image.
  ///   - detector: The detector.
  ///   - options: The options of the detector.
  ///   - decoding: The options for decoding. `byteLimit` is not checked.
  /// - Returns: The detections in the order of the detector, and the times.
  /// - Throws: `DetectionPoolError.full` if too many detections are waiting, `CancellationError` if the task was
  ///   cancelled, `ImageFileError` if the bytes are not a supported image or exceed a limit, or the error of the
  ///   detector.
  public func detect<D: Detector>(
    file bytes: [UInt8], in region: Region? = nil, with detector: D, options: D.Options = D.Options(),
    decoding: ImageFile.DecodingOptions = ImageFile.DecodingOptions()
  ) async throws -> Answer {
    try await onThread { waiting in
      let start = ContinuousClock.now
      let image = try ImageFile.decode(bytes: bytes, options: decoding)
      let times = Times(waiting: waiting, decoding: start.duration(to: .now))
      try Task.checkCancellation()
      return try Self.detect(image, in: region, with: detector, options: options, times)
    }
  }

  private static func detect<D: Detector>(
    _ image: Image, in region: Region?, with detector: D, options: D.Options, _ times: Times
  ) throws -> Answer {
    let start = ContinuousClock.now
    let detections =
      if let region {
        try detector.detect(image, in: region, options: options)
      } else {
        try detector.detect(image, options: options)
      }
    var times = times
    times.detecting = start.duration(to: .now)
    return Answer(width: image.width, height: image.height, detections: detections, times: times)
  }

  /// Waits for a turn, then does the work on a thread of the pool.
  private func onThread(_ work: (_ waiting: Duration) throws -> Answer) async throws -> Answer {
    let arrival = ContinuousClock.now
    try await turns.take()
    return try await withTaskExecutorPreference(threads) {
      // Given back here and not on the caller's executor, which may be busy, so that the next one need not wait for it.
      defer { turns.giveBack() }
      // The task may have been cancelled at the moment it got its turn.
      try Task.checkCancellation()
      return try work(arrival.duration(to: .now))
    }
  }
}
