import Synchronization

/// A queue of turns: callers get a turn in the order of arrival, and a returned turn goes to the caller that has waited
/// longest.
final class Turns: Sendable {
  private struct State {
    var running = 0
    /// The waiting callers by ticket. Tickets count up, so the lowest has waited longest.
    var waiters: [UInt64: Waiter] = [:]
    var nextTicket: UInt64 = 0
    /// No ticket below this one is waiting.
    var firstTicket: UInt64 = 0
  }

  private enum Waiter {
    /// It has a ticket but is not suspended yet.
    case arriving
    case suspended(CheckedContinuation<Void, any Error>)
  }

  private let count: Int
  private let waitingLimit: Int
  private let state = Mutex(State())

  init(count: Int, waitingLimit: Int) {
    self.count = count
    self.waitingLimit = waitingLimit
  }

  var load: DetectionPool.Load {
    state.withLock { .init(running: $0.running, waiting: $0.waiters.count) }
  }

  /// Waits until it is the caller's turn. The caller must give the turn back.
  ///
  /// - Throws: `DetectionPoolError.full` at once if too many are waiting, `CancellationError` if the task is cancelled
  ///   before its turn. There is then no turn to give back.
  func take() async throws {
    try Task.checkCancellation()
    guard let ticket = try arrive() else { return }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { wait(ticket, $0) }
    } onCancel: {
      leave(ticket)
    }
  }

  /// Passes the turn to the caller that has waited longest.
  func giveBack() {
    let next = state.withLock { state -> Waiter? in
      // Each ticket is visited only once in the life of the pool, even if many of them left early.
      while state.firstTicket < state.nextTicket {
        defer { state.firstTicket += 1 }
        if let next = state.waiters.removeValue(forKey: state.firstTicket) { return next }
      }
      state.running -= 1
      return nil
    }
    // A caller that is still arriving finds its ticket removed, which means that it has its turn.
    if case .suspended(let continuation) = next { continuation.resume() }
  }

  /// Takes a free turn and returns nil, or returns a ticket for the next one.
  private func arrive() throws(DetectionPoolError) -> UInt64? {
    try state.withLock { state throws(DetectionPoolError) -> UInt64? in
      if state.running < count {
        state.running += 1
        return nil
      }
      guard state.waiters.count < waitingLimit else {
        throw .full(running: state.running, waiting: state.waiters.count)
      }
      defer { state.nextTicket += 1 }
      state.waiters[state.nextTicket] = .arriving
      return state.nextTicket
    }
  }

  private func wait(_ ticket: UInt64, _ continuation: CheckedContinuation<Void, any Error>) {
    let outcome = state.withLock { state -> Result<Void, any Error>? in
      guard state.waiters[ticket] != nil else { return .success(()) }
      // A cancellation handler that ran before this did not remove the ticket.
      if Task.isCancelled {
        state.waiters[ticket] = nil
        return .failure(CancellationError())
      }
      state.waiters[ticket] = .suspended(continuation)
      return nil
    }
    if let outcome { continuation.resume(with: outcome) }
  }

  private func leave(_ ticket: UInt64) {
    let continuation = state.withLock { state -> CheckedContinuation<Void, any Error>? in
      guard case .suspended(let continuation) = state.waiters[ticket] else { return nil }
      state.waiters[ticket] = nil
      return continuation
    }
    continuation?.resume(throwing: CancellationError())
  }
}
