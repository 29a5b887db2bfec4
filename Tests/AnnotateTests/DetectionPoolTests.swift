import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Annotate

/// What is waited for is waited for with a limit, so that a broken pool fails and does not hang.
@Suite(.serialized, .timeLimit(.minutes(2))) struct DetectionPoolTests {
  // MARK: Threads

  @Test func detectionsRunOnThreadsOfThePool() async throws {
    let pool = try DetectionPool(concurrency: 2)
    let names = Log()
    let detector = FakeDetector { _ in names.append(Threads.current) }
    for _ in 0..<4 { _ = try await Call(pool, detector).result().get() }
    _ = try await Call { @MainActor in try await pool.detect(Fakes.image(width: 3), with: detector) }.result().get()
    #expect(names.all.count == 5)
    #expect(names.all.allSatisfy { ["limn-pool-0", "limn-pool-1"].contains($0) }, "\(names.all)")
    #expect(!Threads.current.hasPrefix("limn-pool"))
  }

  @Test func blockedDetectionsLeaveSwiftsOwnThreadsAlone() async throws {
    let count = ProcessInfo.processInfo.activeProcessorCount + 2
    let pool = try DetectionPool(concurrency: count)
    let gate = Gate()
    let calls = try (1...count).map { try Call(pool, gate.detector, width: $0) }
    try await gate.waits(for: count)
    let others = (0..<count).map { number in Task.detached { number } }
    var sum = 0
    for other in others { sum += await other.value }
    #expect(sum == count * (count - 1) / 2)
    // Nothing of the above needed the gate, which opens by itself after a while.
    #expect(gate.inside == count && !gate.isOverdue)
    gate.open()
    for call in calls { _ = try await call.result().get() }
  }

  @Test func theThreadsEndWithThePool() async throws {
    try await until { Threads.ofPools == 0 }
    var pool: DetectionPool? = try DetectionPool(concurrency: 3)
    try await until { Threads.ofPools == 3 }
    let gate = Gate()
    let call = try Call(#require(pool), gate.detector)
    try await gate.waits(for: 1)
    pool = nil
    // The call has the pool as long as it runs.
    #expect(Threads.ofPools == 3)
    gate.open()
    #expect(try await call.result().get().width == 1)
    call.forget()
    try await until { Threads.ofPools == 0 }
  }

  // MARK: Order and bounds

  @Test func detectionsBeginInTheOrderTheyCame() async throws {
    let pool = try DetectionPool(concurrency: 1)
    let gate = Gate()
    var calls: [Call] = []
    for width in 1...12 {
      // A task's priority does not count.
      calls.append(try Call(pool, gate.detector, width: width, priority: width % 2 == 0 ? .high : .background))
      try await until { pool.load == .init(running: 1, waiting: width - 1) }
    }
    try await gate.waits(for: 1)
    gate.open()
    for call in calls { _ = try await call.result().get() }
    #expect(gate.log.all == (1...12).map { "\($0)" })
    #expect(pool.load == .init(running: 0, waiting: 0))
  }

  @Test func noMoreRunAtOnceThanMay() async throws {
    let pool = try DetectionPool(concurrency: 2, waitingLimit: 10)
    let gate = Gate()
    let calls = try (1...10).map { try Call(pool, gate.detector, width: $0) }
    try await until { pool.load == .init(running: 2, waiting: 8) }
    try await gate.waits(for: 2)
    #expect(gate.inside == 2)
    gate.open()
    for call in calls { _ = try await call.result().get() }
    #expect(gate.mostInside == 2)
  }

  @Test(arguments: [(1, 0), (1, 1), (2, 3)])
  func oneMoreThanMayWaitIsRefusedAtOnce(concurrency: Int, limit: Int) async throws {
    let pool = try DetectionPool(concurrency: concurrency, waitingLimit: limit)
    let gate = Gate()
    let calls = try (0..<(concurrency + limit)).map { _ in try Call(pool, gate.detector) }
    try await until { pool.load == .init(running: concurrency, waiting: limit) }
    for _ in 0..<3 {
      await #expect(throws: DetectionPoolError.full(running: concurrency, waiting: limit)) {
        _ = try await Call(pool, gate.detector).result().get()
      }
    }
    #expect(pool.load == .init(running: concurrency, waiting: limit))
    #expect(!gate.isOverdue)
    gate.open()
    for call in calls { _ = try await call.result().get() }
    // There is room again.
    #expect(try await Call(pool, gate.detector).result().get().width == 1)
  }

  @Test func aRefusalSaysHowManyThereAre() {
    #expect(
      "\(DetectionPoolError.full(running: 2, waiting: 3))" == "the pool is full: 2 running, 3 waiting; try again later")
  }

  @Test(arguments: [(0, 1), (-1, 1), (1025, 1), (Int.max, 1), (1, -1), (1, Int.min)])
  func numbersOutOfRangeAreRefused(concurrency: Int, limit: Int) {
    #expect {
      _ = try DetectionPool(concurrency: concurrency, waitingLimit: limit)
    } throws: { error in
      guard case .invalidParameter(let text) = error as? DetectionPoolError else { return false }
      return text.hasSuffix(", got \(concurrency == 1 ? limit : concurrency)")
    }
  }

  // MARK: Cancellation

  @Test func aCancelledWaiterLeavesAtOnce() async throws {
    let pool = try DetectionPool(concurrency: 1, waitingLimit: 2)
    let gate = Gate()
    var calls = [try Call(pool, gate.detector, width: 1)]
    try await gate.waits(for: 1)
    for width in 2...3 {
      calls.append(try Call(pool, gate.detector, width: width))
      try await until { pool.load.waiting == width - 1 }
    }
    calls[1].cancel()
    await #expect(throws: CancellationError.self) { _ = try await calls[1].result().get() }
    // The first is still at it, and the place is free.
    #expect(gate.inside == 1 && !gate.isOverdue)
    #expect(pool.load == .init(running: 1, waiting: 1))
    calls.append(try Call(pool, gate.detector, width: 4))
    try await until { pool.load.waiting == 2 }
    gate.open()
    for index in [0, 2, 3] { _ = try await calls[index].result().get() }
    #expect(gate.log.all == ["1", "3", "4"])
    #expect(pool.load == .init(running: 0, waiting: 0))
  }

  @Test(arguments: [0, 1]) func aTaskThatWasCancelledBeforeGetsNoTurn(running: Int) async throws {
    // Full, too, where one runs.
    let pool = try DetectionPool(concurrency: 1, waitingLimit: 0)
    let gate = Gate()
    let calls = try (0..<running).map { _ in try Call(pool, gate.detector) }
    try await gate.waits(for: running)
    let late = try Call(pool, gate.detector, width: 9, onceCancelled: true)
    late.cancel()
    await #expect(throws: CancellationError.self) { _ = try await late.result().get() }
    #expect(pool.load == .init(running: running, waiting: 0))
    gate.open()
    for call in calls { _ = try await call.result().get() }
    #expect(!gate.log.all.contains("9"))
  }

  @Test func aTurnThatComesWithTheCancellationIsNotLost() async throws {
    let pool = try DetectionPool(concurrency: 1)
    var cancelledCount = 0
    for round in 0..<300 {
      let gate = Gate()
      let first = try Call(pool, gate.detector)
      try await gate.waits(for: 1)
      let second = try Call(pool, gate.detector)
      try await until { pool.load.waiting == 1 }
      if round % 2 == 0 {
        gate.open()
        second.cancel()
      } else {
        second.cancel()
        gate.open()
      }
      _ = try await first.result().get()
      if case .failure(let error) = try await second.result() {
        #expect(error is CancellationError)
        cancelledCount += 1
      }
      try await until { pool.load == .init(running: 0, waiting: 0) }
    }
    #expect(cancelledCount >= 150)
    #expect(try await Call(pool, FakeDetector()).result().get().width == 1)
  }

  @Test func aTaskThatIsCancelledWhenItsTurnHasComeDoesNotUseIt() async throws {
    let pool = try DetectionPool(concurrency: 1)
    let gate = Gate()
    let first = try Call(pool, gate.detector, width: 1)
    try await gate.waits(for: 1)
    let image = try Fakes.image(width: 2)
    let executor = QueueExecutor()
    let second = Call(on: executor) { try await pool.detect(image, with: gate.detector) }
    try await until { pool.load.waiting == 1 }
    executor.queue.suspend()
    gate.open()
    _ = try await first.result().get()
    // The turn is the second's, which cannot take note of it yet.
    #expect(pool.load == .init(running: 1, waiting: 0))
    second.cancel()
    executor.queue.resume()
    await #expect(throws: CancellationError.self) { _ = try await second.result().get() }
    #expect(gate.log.all == ["1"])
    #expect(pool.load == .init(running: 0, waiting: 0))
  }

  @Test func aTurnThatComesOnTheWayToWaitingIsTaken() async throws {
    let turns = Turns(count: 1, waitingLimit: 1)
    for round in 0..<3000 {
      try #require(turns.load == .init(running: 0, waiting: 0))
      try await turns.take()
      let call = Call {
        try await turns.take()
        turns.giveBack()
        return .init(width: 1, height: 1, detections: [])
      }
      for _ in 0..<(round % 40) { sched_yield() }
      turns.giveBack()
      _ = try await call.result().get()
    }
    #expect(turns.load == .init(running: 0, waiting: 0))
  }

  @Test func aWaiterLeavesWheneverItIsCancelled() async throws {
    let pool = try DetectionPool(concurrency: 1, waitingLimit: 1)
    let gate = Gate()
    let holder = try Call(pool, gate.detector)
    try await gate.waits(for: 1)
    for round in 0..<2000 {
      let call = try Call(pool, gate.detector)
      // Before it comes, on its way, and when it waits.
      for _ in 0..<(round % 40) { sched_yield() }
      call.cancel()
      await #expect(throws: CancellationError.self) { _ = try await call.result().get() }
      try #require(pool.load == .init(running: 1, waiting: 0) && !gate.isOverdue)
    }
    gate.open()
    _ = try await holder.result().get()
    #expect(gate.log.all.count == 1)
  }

  @Test func aRunningDetectorSeesTheCancellationAndTheTasksValues() async throws {
    let pool = try DetectionPool(concurrency: 1)
    let seen = Log()
    let detector = FakeDetector { _ in
      seen.append(Tag.value)
      let deadline = ContinuousClock.now + limit
      while !Task.isCancelled {
        guard ContinuousClock.now < deadline else { throw FakeError(description: "not cancelled") }
        usleep(500)
      }
      throw CancellationError()
    }
    let call = try Tag.$value.withValue("of the caller") { try Call(pool, detector) }
    try await until { seen.all.count == 1 }
    call.cancel()
    await #expect(throws: CancellationError.self) { _ = try await call.result().get() }
    #expect(seen.all == ["of the caller"])
    #expect(pool.load == .init(running: 0, waiting: 0))
  }

  // MARK: Failures

  @Test func aDetectionThatThrowsGivesItsTurnBack() async throws {
    let pool = try DetectionPool(concurrency: 1)
    let gate = Gate()
    // Pictures of width 13 fail.
    let calls = try [13, 1].map { try Call(pool, gate.detector, width: $0) }
    try await until { pool.load == .init(running: 1, waiting: 1) }
    gate.open()
    await #expect(throws: FakeError.self) { _ = try await calls[0].result().get() }
    #expect(try await calls[1].result().get().width == 1)
    #expect(pool.load == .init(running: 0, waiting: 0))
  }

  @Test func bytesThatAreNoPictureAreRefused() async throws {
    let pool = try DetectionPool(concurrency: 1)
    await #expect(throws: ImageFileError.self) {
      _ = try await Call { try await pool.detect(file: Array("GIF89a".utf8), with: FakeDetector()) }.result().get()
    }
    let png = try ImageFile.encodePNG(Fakes.image(width: 4, height: 3))
    func detect(pixelLimit: Int) -> Call {
      Call { try await pool.detect(file: png, with: FakeDetector(), decoding: .init(pixelLimit: pixelLimit)) }
    }
    await #expect {
      _ = try await detect(pixelLimit: 11).result().get()
    } throws: { error in
      guard case .overLimit = error as? ImageFileError else { return false }
      return true
    }
    #expect(pool.load == .init(running: 0, waiting: 0))
    #expect(try await detect(pixelLimit: 12).result().get().width == 4)
  }

  // MARK: Answers

  @Test func answersAreThoseOfTheDetector() async throws {
    let engine = try Engine(threads: 1)
    let boxes = try YOLOv5(engine: engine)
    let masks = try MaskRCNN(engine: engine)
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/embedded/coins.png").path
    let file = try [UInt8](Data(contentsOf: URL(filePath: path)))
    let image = try ImageFile.decode(path: path)
    let expected = (try boxes.detect(image), try masks.detect(image), try boxes.detect(image) { $0.maxDetections = 1 })
    #expect(!expected.0.isEmpty && !expected.1.isEmpty && expected.2 != expected.0)

    let pool = try DetectionPool(concurrency: 2)
    let calls = [
      Call { try await pool.detect(file: file, with: boxes) },
      Call { try await pool.detect(file: file, with: masks) },
      Call { try await pool.detect(image, with: boxes, options: .init(maxDetections: 1)) },
      Call { try await pool.detect(image, with: masks) },
    ]
    var answers: [DetectionPool.Answer] = []
    for call in calls { try await answers.append(call.result().get()) }
    #expect(answers.map(\.detections) == [expected.0, expected.1, expected.2, expected.1])
    #expect(answers.allSatisfy { $0.width == image.width && $0.height == image.height })
    #expect(answers.map { $0.times.decoding > .zero } == [true, true, false, false])
  }

  @Test func aRegionOfAnImage() async throws {
    let pool = try DetectionPool(concurrency: 1)
    let image = try Fakes.image(width: 64, height: 48)
    let file = try ImageFile.encodePNG(image)
    let region = Region(x: 10, y: 20, width: 30, height: 8)
    for call in [
      Call { try await pool.detect(image, in: region, with: FakeDetector()) },
      Call { try await pool.detect(file: file, in: region, with: FakeDetector()) },
    ] {
      let answer = try await call.result().get()
      #expect(answer.detections.map(\.box) == [region.box])
      #expect(answer.width == 64 && answer.height == 48)
    }
    let outside = Region(x: 60, y: 0, width: 5, height: 1)
    await #expect(throws: SceneError.self) {
      try await Call { try await pool.detect(image, in: outside, with: FakeDetector()) }.result().get()
    }
    #expect(pool.load == .init(running: 0, waiting: 0))
  }

  @Test func aPictureIsNotCopied() async throws {
    let pool = try DetectionPool(concurrency: 1)
    let image = try Fakes.image(width: 640, height: 480)
    let seen = Log()
    let detector = FakeDetector { seen.append($0.pixels.withUnsafeBufferPointer { "\($0.baseAddress as Any)" }) }
    _ = try await Call { try await pool.detect(image, with: detector) }.result().get()
    #expect(seen.all == [image.pixels.withUnsafeBufferPointer { "\($0.baseAddress as Any)" }])
  }

  @Test func timesAreThoseOfTheSteps() async throws {
    let pool = try DetectionPool(concurrency: 1)
    let (first, second) = (Gate(), Gate())
    let png = try ImageFile.encodePNG(Fakes.image(width: 300, height: 200))
    let blocking = try Call(pool, first.detector)
    try await first.waits(for: 1)
    let clock = ContinuousClock()
    let begin = clock.now
    let call = Call { try await pool.detect(file: png, with: second.detector) }
    try await until { pool.load.waiting == 1 }
    let waiting = clock.now
    try await Task.sleep(for: .milliseconds(30))
    let waited = waiting.duration(to: clock.now)
    first.open()
    try await second.waits(for: 1)
    let inside = clock.now
    try await Task.sleep(for: .milliseconds(20))
    let detected = inside.duration(to: clock.now)
    second.open()
    let times = try await call.result().get().times
    let whole = begin.duration(to: clock.now)
    #expect(times.waiting >= waited && times.waiting < whole)
    #expect(times.decoding > .zero)
    #expect(times.detecting >= detected)
    #expect(times.waiting + times.decoding + times.detecting <= whole)
    #expect(try await blocking.result().get().times.decoding == .zero)
  }

  @Test func theCodedFormIsThatOfJSONAndMilliseconds() throws {
    let box = Box(x1: 1, y1: 2, x2: 3.5, y2: 4)
    let answer = DetectionPool.Answer(
      width: 5, height: 6, detections: [Detection(box: box, score: 0.5, classID: 1, label: "dog")],
      times: .init(waiting: .microseconds(12_500), decoding: .microseconds(3_250), detecting: .milliseconds(80)))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text =
      #"{"detections":[{"box":[1,2,3.5,4],"class_id":1,"label":"dog","score":0.5}],"height":6,"#
      + #""times":{"decoding_ms":3.25,"detecting_ms":80,"waiting_ms":12.5},"width":5}"#
    #expect(String(decoding: try encoder.encode(answer), as: UTF8.self) == text)
    #expect(try JSONDecoder().decode(DetectionPool.Answer.self, from: Data(text.utf8)) == answer)
    for wrong in ["-1", "1e300"] {
      let damaged = text.replacing("12.5", with: wrong)
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(DetectionPool.Answer.self, from: Data(damaged.utf8))
      }
    }
  }

  // MARK: All at once

  @Test func hundredsOfTasksWithCancellationsLeaveAllTurnsFree() async throws {
    let pool = try DetectionPool(concurrency: 3, waitingLimit: 40)
    let inside = Atomic<Int>(0)
    let most = Mutex(0)
    let detector = FakeDetector { image in
      let count = inside.add(1, ordering: .sequentiallyConsistent).newValue
      defer { inside.subtract(1, ordering: .sequentiallyConsistent) }
      most.withLock { $0 = max($0, count) }
      for _ in 0..<(20 * image.width) { sched_yield() }
      try Task.checkCancellation()
    }
    var random = SeededGenerator(seed: 13)
    var counts: [String: Int] = [:]
    for _ in 0..<12 {
      let gate = Gate()
      let holders = try (0..<3).map { _ in try Call(pool, gate.detector) }
      try await gate.waits(for: 3)
      var calls: [(call: Call, width: Int)] = []
      for _ in 0..<60 {
        let width = Int.random(in: 1...40, using: &random)
        calls.append((try Call(pool, detector, width: width), width))
      }
      try await until { pool.load.waiting == 40 }
      // Some leave while nothing moves, others while turns go round.
      for _ in 0..<10 { calls[Int.random(in: 0..<60, using: &random)].call.cancel() }
      gate.open()
      for _ in 0..<20 {
        calls[Int.random(in: 0..<60, using: &random)].call.cancel()
        await Task.yield()
      }
      for holder in holders { _ = try await holder.result().get() }
      for (call, width) in calls {
        switch try await call.result() {
        case .success(let answer):
          #expect(answer.width == width)
          counts["answers", default: 0] += 1
        case .failure(DetectionPoolError.full(let running, let waiting)):
          #expect(running == 3 && waiting == 40)
          counts["refusals", default: 0] += 1
        case .failure(is CancellationError): counts["cancellations", default: 0] += 1
        case .failure(let error):
          #expect(width == 13 && error is FakeError)
          counts["failures", default: 0] += 1
        }
      }
      #expect(pool.load == .init(running: 0, waiting: 0))
    }
    #expect(counts.values.reduce(0, +) == 720, "\(counts)")
    #expect(["answers", "cancellations"].allSatisfy { counts[$0, default: 0] > 0 }, "\(counts)")
    #expect(most.withLock { $0 } <= 3)
    // All three turns are there.
    let gate = Gate()
    let last = try (1...3).map { try Call(pool, gate.detector, width: $0) }
    try await gate.waits(for: 3)
    gate.open()
    for call in last { _ = try await call.result().get() }
  }
}

/// How long anything is waited for that is to happen at once.
private let limit = Duration.seconds(10)

/// Returns when the condition holds.
private func until(_ condition: () throws -> Bool, at line: Int = #line) async throws {
  let deadline = ContinuousClock.now + limit
  while try !condition() {
    guard ContinuousClock.now < deadline else {
      throw FakeError(description: "line \(line): it did not come to that in \(limit)")
    }
    try await Task.sleep(for: .microseconds(200))
  }
}

private enum Tag {
  @TaskLocal static var value = "nobody's"
}

/// A detection in a task of its own.
private final class Call: Sendable {
  private let outcome = Mutex<Result<DetectionPool.Answer, any Error>?>(nil)
  private let task = Mutex<Task<Void, Never>?>(nil)

  convenience init(
    _ pool: DetectionPool, _ detector: FakeDetector, width: Int = 1, priority: TaskPriority? = nil,
    onceCancelled: Bool = false
  ) throws {
    let image = try Fakes.image(width: width)
    self.init(priority: priority) {
      while onceCancelled, !Task.isCancelled { await Task.yield() }
      return try await pool.detect(image, with: detector)
    }
  }

  init(
    priority: TaskPriority? = nil, on executor: (any TaskExecutor)? = nil,
    _ work: @escaping @Sendable () async throws -> DetectionPool.Answer
  ) {
    let task = Task(executorPreference: executor, priority: priority) {
      let result: Result<DetectionPool.Answer, any Error>
      do { result = .success(try await work()) } catch { result = .failure(error) }
      self.outcome.withLock { $0 = result }
    }
    self.task.withLock { $0 = task }
  }

  func cancel() { task.withLock { $0?.cancel() } }

  /// Lets go of the task, and so of the pool.
  func forget() { task.withLock { $0 = nil } }

  func result(at line: Int = #line) async throws -> Result<DetectionPool.Answer, any Error> {
    try await until({ outcome.withLock { $0 != nil } }, at: line)
    return try #require(outcome.withLock { $0 })
  }
}

/// Holds detections until it is opened, or overdue.
private final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var isOverdue = false
    var inside = 0
    var mostInside = 0
  }

  private let state = Mutex(State())
  private let condition = NSCondition()
  /// The widths of the pictures, in the order they came.
  let log = Log()

  var inside: Int { state.withLock(\.inside) }
  var mostInside: Int { state.withLock(\.mostInside) }
  var isOverdue: Bool { state.withLock(\.isOverdue) }

  var detector: FakeDetector { FakeDetector { [self] in try pass($0.width) } }

  func waits(for count: Int, at line: Int = #line) async throws {
    try await until({ inside == count }, at: line)
  }

  func open() {
    condition.withLock {
      state.withLock { $0.isOpen = true }
      condition.broadcast()
    }
  }

  private func pass(_ width: Int) throws {
    log.append("\(width)")
    state.withLock {
      $0.inside += 1
      $0.mostInside = max($0.mostInside, $0.inside)
    }
    defer { state.withLock { $0.inside -= 1 } }
    let deadline = Date(timeIntervalSinceNow: 8)
    try condition.withLock {
      while !state.withLock(\.isOpen) {
        guard !state.withLock(\.isOverdue), condition.wait(until: deadline) else {
          // Those that come later need not wait as long once more.
          state.withLock { $0.isOverdue = true }
          condition.broadcast()
          throw FakeError(description: "the gate stayed shut")
        }
      }
    }
  }
}

/// Runs tasks on a queue that can be suspended.
private final class QueueExecutor: TaskExecutor {
  let queue = DispatchQueue(label: "tasks")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
  }
}

private enum Threads {
  /// The calling thread's name.
  static var current: String { name("/proc/thread-self/comm") ?? "" }

  /// How many threads of pools there are.
  static var ofPools: Int {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    return tasks.filter { name("/proc/self/task/\($0)/comm")?.hasPrefix("limn-pool-") ?? false }.count
  }

  private static func name(_ path: String) -> String? {
    (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .newlines)
  }
}
