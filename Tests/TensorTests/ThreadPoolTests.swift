import Synchronization
import Tensor
import Testing

@Suite struct ThreadPoolTests {
  @Test(.timeLimit(.minutes(1)), arguments: [1, 2, 3, 4, 9], [0, 1, 2, 3, 1000])
  func everyIndexOnce(_ threads: Int, _ count: Int) {
    let pool = ThreadPool(count: threads)
    let visits = Counters(max(count, 1))
    for _ in 0..<20 {
      pool.parallel(count) { worker, index in
        if !(0..<threads).contains(worker) { Issue.record("worker \(worker) of \(threads)") }
        visits.increment(index)
      }
    }
    #expect(visits.values.prefix(count).allSatisfy { $0 == 20 })
  }

  /// Loops of changing length follow each other closely: an index of the last one must not be taken for this one's, and
  /// no body runs once its loop has returned.
  @Test(.timeLimit(.minutes(1)), arguments: [2, 3, 4])
  func manyRounds(_ threads: Int) {
    let pool = ThreadPool(count: threads)
    let round = Atomic(0)
    let strays = Atomic(0)
    var wrongRounds = 0
    // Counted without locks, which would keep the workers in step.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { visits in
      visits.initialize(repeating: 0)
      nonisolated(unsafe) let visits = visits
      for number in 1...100_000 {
        let count = [2, 64, 3, 17, 5, 2, 33][number % 7]
        round.store(number, ordering: .relaxed)
        pool.parallel(count) { _, index in
          if index >= count || round.load(ordering: .relaxed) != number { strays.add(1, ordering: .relaxed) }
          visits[index] &+= 1
        }
        if visits[..<count].contains(where: { $0 != 1 }) { wrongRounds += 1 }
        for index in 0..<64 { visits[index] = 0 }
      }
    }
    #expect(strays.load(ordering: .relaxed) == 0)
    #expect(wrongRounds == 0)
  }

  /// A worker's scratch memory belongs to one body at a time.
  @Test(.timeLimit(.minutes(1)))
  func workersAreNotShared() {
    let pool = ThreadPool(count: 4)
    let busy = Counters(4)
    let clashes = Atomic(0)
    for _ in 0..<200 {
      pool.parallel(50) { worker, _ in
        if busy.increment(worker) != 1 { clashes.add(1, ordering: .relaxed) }
        busy.decrement(worker)
      }
    }
    #expect(clashes.load(ordering: .relaxed) == 0)
  }

  @Test(.timeLimit(.minutes(1)))
  func callersInManyTasks() async {
    let pool = ThreadPool(count: 3)
    await withTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask {
          let visits = Counters(100)
          let count = 10 + task * 10
          for _ in 0..<200 { pool.parallel(count) { _, index in visits.increment(index) } }
          return visits.values == .init(repeating: 200, count: count) + .init(repeating: 0, count: 100 - count)
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func loopWithinALoop() {
    let pool = ThreadPool(count: 3)
    let visits = Counters(60)
    pool.parallel(6) { _, outer in pool.parallel(10) { _, inner in visits.increment(outer * 10 + inner) } }
    #expect(visits.values == .init(repeating: 1, count: 60))
  }

  /// Workers that sleep wake up for the next loop, and for the end.
  @Test(.timeLimit(.minutes(1)))
  func sleepersWakeUp() async throws {
    let pool = ThreadPool(count: 3)
    let visits = Counters(8)
    for _ in 0..<5 {
      pool.parallel(8) { _, index in visits.increment(index) }
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(visits.values == .init(repeating: 5, count: 8))
  }

  /// Each index waits until another thread has taken the other one.
  @Test(.timeLimit(.minutes(1)))
  func aSleeperTakesItsPart() async throws {
    let pool = ThreadPool(count: 2)
    for _ in 0..<3 {
      let present = Atomic<Int>(0)
      let met = Atomic<Int>(0)
      pool.parallel(2) { _, _ in
        present.add(1, ordering: .sequentiallyConsistent)
        let end = ContinuousClock.now + .seconds(10)
        while present.load(ordering: .sequentiallyConsistent) < 2, ContinuousClock.now < end {}
        if present.load(ordering: .sequentiallyConsistent) == 2, ContinuousClock.now < end {
          met.add(1, ordering: .sequentiallyConsistent)
        }
      }
      #expect(met.load(ordering: .sequentiallyConsistent) == 2)
      // Long enough for the worker to fall asleep.
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func freedWithItsThreads() {
    for threads in [1, 2, 5] {
      weak var freed: ThreadPool?
      for isUsed in [false, true] {
        do {
          let pool = ThreadPool(count: threads)
          freed = pool
          if isUsed { pool.parallel(10) { _, _ in } }
        }
        #expect(freed == nil, "\(threads) threads, used: \(isUsed)")
      }
    }
  }

  @Test func countOfThreadsIsAtLeastOne() {
    #expect(ThreadPool(count: 0).count == 1)
    #expect(ThreadPool(count: -3).count == 1)
  }
}

/// Counts that any thread may change.
private final class Counters: Sendable {
  private let counts: Mutex<[Int]>

  init(_ count: Int) { counts = Mutex(.init(repeating: 0, count: count)) }

  var values: [Int] { counts.withLock { $0 } }

  @discardableResult
  func increment(_ index: Int) -> Int {
    counts.withLock {
      $0[index] += 1
      return $0[index]
    }
  }

  func decrement(_ index: Int) { counts.withLock { $0[index] -= 1 } }
}
