import Synchronization
import Tensor
import Testing

@Suite struct EngineMapTests {
  private struct Odd: Error, Equatable { var number: Int }

  @Test(arguments: [1, 2, 3], 0...7) func resultsKeepTheOrder(_ threads: Int, _ count: Int) throws {
    let engine = try Engine(threads: threads)
    let squares = try engine.map(Array(0..<count)) { number, _ in number * number }
    #expect(squares == (0..<count).map { $0 * $0 })
  }

  /// Whole rounds go one thread each, what is left over on all threads.
  @Test(arguments: [(1, 3, 0), (2, 5, 4), (2, 1, 0), (3, 6, 6)])
  func whoWorksAlone(_ threads: Int, _ count: Int, _ alone: Int) throws {
    let engine = try Engine(threads: threads)
    let counts = try engine.map(Array(0..<count)) { _, workspace in workspace.engine.threads }
    #expect(counts == Array(repeating: 1, count: alone) + Array(repeating: threads, count: count - alone))
  }

  /// Each works in memory of its own: what one wrote the others leave.
  @Test func memoryOfItsOwn() throws {
    let engine = try Engine(threads: 3)
    let sums = try engine.map(Array(0..<30)) { number, workspace in
      let memory = workspace.perWorker { number }
      workspace.parallel(100) { worker, _ in _ = memory[worker] }
      return (0..<workspace.engine.threads).reduce(0) { $0 + memory[$1] }
    }
    #expect(sums == Array(0..<30))
  }

  @Test func theFirstFailureIsThatOfTheCall() throws {
    let engine = try Engine(threads: 2)
    for first in 0..<7 {
      #expect(throws: Odd(number: first)) {
        try engine.map(Array(0..<7)) { number, _ in
          if number >= first { throw Odd(number: number) }
          return number
        }
      }
    }
  }

  /// A task's end is known to its own thread alone; the other threads hear of it.
  @Test func workersHearThatTheTaskIsCancelled() async throws {
    let engine = try Engine(threads: 2)
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try engine.map([0, 1]) { _, workspace in
        // Only the caller's thread sees the task; the other asks until it is told.
        while true { try workspace.checkCancellation() }
      }
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func aListGrowsInItsArena() {
    let arena = Arena()
    arena.scope {
      var list = arena.list(of: Int.self)
      #expect(list.values.isEmpty)
      for number in 0..<1000 {
        list.append(number)
        if number % 7 == 0 { _ = arena.allocate(byteCount: 100) }
      }
      #expect(Array(list.values) == Array(0..<1000))
      #expect(Array(arena.values(count: 3) { $0 + 1 }) == [1, 2, 3])
    }
  }
}
