import Glibc
import Kernels
import KernelsBaseline
import Synchronization

#if arch(x86_64)
  import KernelsAVX2
  import KernelsAVX512
  import KernelsAVX512Dot
#endif

/// The engine that runs operators: the kernels of one instruction-set level, a pool of threads, and scratch memory.
///
/// Copies of an engine share its threads and memory, so detectors should share one engine. Concurrent calls are safe:
/// while one call uses the threads, others run only on their caller's thread. After `fork`, a child process needs a new
/// engine.
public struct Engine: Sendable {
  /// The instruction-set level of the engine.
  public let level: InstructionSetLevel
  /// The number of threads that a call may use, including that of the caller.
  public var threads: Int { pool.count }

  /// Floats in a vector of the level.
  package var lanes: Int { kernels.lanes }

  /// Whether a multiply-add of the level rounds once, not twice.
  package var fusesMultiplyAdds: Bool { kernels.fusesMultiplyAdds }

  package let kernels: KernelTable
  package let reducedPrecision: ReducedPrecisionKernels
  package let pool: ThreadPool
  let arenas: ArenaPool
  let profiles: ProfileList
  let openBLASUse: OpenBLASUse

  /// Makes an engine.
  ///
  /// - Parameters:
  ///   - level: The instruction-set level. By default it is the one in the environment variable `LIMN_LEVEL`
  ///     (`baseline`, `avx2`, `avx512`, `avx512dot`), or the highest of this CPU if that is not set.
  ///   - threads: The number of threads, 1 to 1024; by default one for each core that the process may use.
  ///   - usesOpenBLAS: Whether layers at the level baseline use OpenBLAS if it can be loaded (see `layerProducts`);
  ///     false excludes it from `MatrixProduct` too. By default the environment variable `LIMN_OPENBLAS` (`on`, `off`)
  ///     decides. If that is not set, layers use OpenBLAS on CPUs where it measured faster.
  /// - Throws: `TensorError.unavailableLevel` for a level that this CPU lacks or that does not exist,
  ///   `TensorError.invalidParameter` for a number of threads out of range, or another value of `LIMN_OPENBLAS`.
  public init(
    level: InstructionSetLevel? = nil, threads: Int? = nil, usesOpenBLAS: Bool? = nil
  ) throws(TensorError) {
    let threads = threads ?? min(1024, Machine.availableCores)
    guard (1...1024).contains(threads) else {
      throw .invalidParameter("the count of threads must be 1 to 1024, got \(threads)")
    }
    let chosen: InstructionSetLevel
    if let level { chosen = level } else { chosen = try Self.requestedLevel() }
    self.level = chosen
    (kernels, reducedPrecision) = try Self.kernels(for: chosen)
    pool = ThreadPool(count: threads)
    arenas = ArenaPool()
    profiles = ProfileList()
    if let usesOpenBLAS {
      openBLASUse = usesOpenBLAS ? .always : .never
    } else {
      openBLASUse = try OpenBLASUse.requested()
    }
  }

  /// The instruction-set levels that this CPU supports, from the lowest to the highest.
  public static var availableLevels: [InstructionSetLevel] {
    InstructionSetLevel.allCases.filter { $0 <= Machine.highestLevel }
  }

  /// Throws `TensorError.unavailablePrecision` if the level has no bfloat16 dot products.
  package func requireBFloat16() throws(TensorError) {
    guard reducedPrecision.bfloats != nil else {
      throw .unavailablePrecision(
        "bfloat16 needs the level \(InstructionSetLevel.avx512dot.name) (AVX-512 with BF16 and VNNI), \(level.name) is in "
          + "use")
    }
  }

  /// Measures the peak of multiply-adds on one core at this engine's level, in GFLOP/s: the upper limit of a
  /// convolution's or matrix product's speed on one thread. Takes about a millisecond.
  public func multiplyAddPeak() -> Double {
    let lanes = kernels.lanes
    let rounds = 40_000
    var best = Double.infinity
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 4 * lanes) { values in
      values.initialize(repeating: 0.5)
      guard let base = values.baseAddress else { return }
      for _ in 0..<8 {
        let elapsed = ContinuousClock().measure { kernels.multiplyAdds(rounds, base) }
        best = min(best, elapsed / .seconds(1))
      }
    }
    return 2 * Double(rounds * 12 * lanes) / best * 1e-9
  }

  private static func requestedLevel() throws(TensorError) -> InstructionSetLevel {
    guard let text = getenv("LIMN_LEVEL").map({ String(cString: $0) }), !text.isEmpty else {
      return availableLevels.last ?? .baseline
    }
    guard let level = InstructionSetLevel(name: text) else {
      let names = InstructionSetLevel.allCases.map(\.name).joined(separator: ", ")
      throw .unavailableLevel("LIMN_LEVEL is '\(text)'; the levels are \(names)")
    }
    return level
  }

  private static func kernels(
    for level: InstructionSetLevel
  ) throws(TensorError) -> (KernelTable, ReducedPrecisionKernels) {
    guard availableLevels.contains(level) else {
      let names = availableLevels.map(\.name).joined(separator: ", ")
      throw .unavailableLevel("this CPU has no \(level.name); it has \(names)")
    }
    #if arch(x86_64)
      switch level {
      case .baseline: return (baselineKernels(), baselineReducedPrecisionKernels())
      case .avx2: return (avx2Kernels(), avx2ReducedPrecisionKernels())
      // Without dot-product instructions, AVX-512 has no advantage over AVX2 for bytes except its width.
      case .avx512: return (avx512Kernels(), avx2ReducedPrecisionKernels())
      case .avx512dot: return (avx512Kernels(), avx512DotKernels())
      }
    #else
      return (baselineKernels(), baselineReducedPrecisionKernels())
    #endif
  }

  package func withWorkspace<Result, Failure: Error>(
    _ body: (Workspace) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withWorkspace(Cancellation(), body)
  }

  private func withWorkspace<Result, Failure: Error>(
    _ cancellation: Cancellation, _ body: (Workspace) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try arenas.withArena { (arena) throws(Failure) in
      try body(Workspace(engine: self, arena: arena, cancellation: cancellation, profiles: profiles.current))
    }
  }

  /// Calls `body` for each element. Several elements are processed at once, each on one thread of the engine.
  ///
  /// This is faster than processing one element after another on all threads, but each thread needs the memory of a
  /// call. If the number of elements is not a multiple of the number of threads, the rest is processed one after
  /// another on all threads.
  ///
  /// - Returns: The results, in the order of the elements.
  /// - Throws: The error of the first element for which `body` throws.
  package func map<Element: Sendable, Value: Sendable>(
    _ elements: [Element], _ body: @Sendable (Element, Workspace) throws -> Value
  ) throws -> [Value] {
    let cancellation = Cancellation()
    let shared = threads > 1 ? elements.count / threads * threads : 0
    let alone = Engine(self, pool: ThreadPool(count: 1))
    @Sendable func result(of index: Int, on engine: Engine) -> Result<Value, any Error> {
      Result {
        try engine.withWorkspace(cancellation) { workspace in
          try workspace.checkCancellation()
          return try body(elements[index], workspace)
        }
      }
    }
    var results: [Result<Value, any Error>?] = Array(repeating: nil, count: elements.count)
    results.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let results = buffer
      pool.parallel(shared) { _, index in results[index] = result(of: index, on: alone) }
      for index in shared..<elements.count { results[index] = result(of: index, on: self) }
    }
    return try results.compactMap { try $0?.get() }
  }

  /// Makes an engine that shares the level, memory and profiles of another one but uses other threads.
  private init(_ engine: Engine, pool: ThreadPool) {
    (level, kernels, reducedPrecision) = (engine.level, engine.kernels, engine.reducedPrecision)
    (arenas, profiles) = (engine.arenas, engine.profiles)
    openBLASUse = engine.openBLASUse
    self.pool = pool
  }
}

/// Records whether the task of a call was cancelled. It can be read on any thread, but a cancellation is only noticed
/// when it is read on a thread that runs the task.
package final class Cancellation: Sendable {
  private let isSeen = Atomic<Bool>(false)

  var isCancelled: Bool {
    if Task.isCancelled { isSeen.store(true, ordering: .relaxed) }
    return isSeen.load(ordering: .relaxed)
  }
}

/// The engine and the memory of one call.
package struct Workspace {
  package let engine: Engine
  package let arena: Arena
  let cancellation: Cancellation
  /// Called with each named map of a network when it is complete.
  package var observe: ((_ name: String, _ map: TensorView) -> Void)?
  /// The profiles that record the operators' times.
  var profiles: [Profile] = []

  package var kernels: KernelTable { engine.kernels }
  package var reducedPrecision: ReducedPrecisionKernels { engine.reducedPrecision }

  /// Throws if the task was cancelled, to end a long call between two steps.
  package func checkCancellation() throws(CancellationError) {
    if cancellation.isCancelled { throw CancellationError() }
  }

  package func parallel(_ count: Int, _ body: @Sendable (_ worker: Int, _ index: Int) -> Void) {
    engine.pool.parallel(count, body)
  }

  /// Makes a value for each worker of a loop. The values are in the arena, valid until the enclosing scope ends, so
  /// that no array is allocated.
  package func perWorker<Value: BitwiseCopyable>(_ make: () -> Value) -> PerWorker<Value> {
    PerWorker(values: UnsafeBufferPointer(arena.values(count: engine.threads, { _ in make() })))
  }
}

/// A value for each worker of a loop. A worker reads only its own, so the values may hold pointers to its scratch
/// memory.
package struct PerWorker<Value: BitwiseCopyable>: @unchecked Sendable {
  fileprivate let values: UnsafeBufferPointer<Value>

  package subscript(worker: Int) -> Value { values[worker] }
}
