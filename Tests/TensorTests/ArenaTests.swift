import AllocationCount
import Kernels
import Tensor
import Testing

@Suite struct ArenaTests {
  @Test func aligned() {
    let arena = Arena()
    for count in [0, 1, 63, 64, 65, 9 << 20] {
      #expect(Int(bitPattern: arena.allocate(byteCount: count)) % 64 == 0)
    }
  }

  @Test func piecesAreApart() {
    let arena = Arena()
    let pieces = [1, 64, 100, 8 << 20, 3, 20 << 20, 5].map { (arena.allocate(byteCount: $0), $0) }
    for (index, piece) in pieces.enumerated() {
      piece.0.initializeMemory(as: UInt8.self, repeating: UInt8(index + 1), count: piece.1)
    }
    for (index, piece) in pieces.enumerated() {
      #expect(piece.0.load(as: UInt8.self) == UInt8(index + 1))
      #expect((piece.0 + piece.1 - 1).load(as: UInt8.self) == UInt8(index + 1))
    }
  }

  @Test func scopesNest() {
    let arena = Arena()
    let outer = arena.scope {
      let first = arena.allocate(byteCount: 100)
      let inner = arena.scope { arena.allocate(byteCount: 9 << 20) }
      #expect(arena.scope { arena.allocate(byteCount: 9 << 20) } == inner)
      let second = arena.allocate(byteCount: 100)
      #expect(second == first + 128 + Arena.overhead)
      return first
    }
    #expect(arena.scope { arena.allocate(byteCount: 1) } == outer)
  }

  @Test func scopeEndsWithAnError() {
    let arena = Arena()
    let first = arena.scope { arena.allocate(byteCount: 1) }
    #expect(throws: TensorError.invalidShape("")) {
      try arena.scope { () throws(TensorError) in
        _ = arena.allocate(byteCount: 1000)
        throw .invalidShape("")
      }
    }
    #expect(arena.allocate(byteCount: 1) == first)
  }

  @Test func tensorFits() {
    let arena = Arena()
    let shape = Shape(batch: 2, height: 3, width: 4, channels: 5)
    let view = arena.tensor(shape)
    #expect(view.shape == shape)
    #expect(view.isDense)
    let next = arena.allocate(byteCount: 1)
    #expect(next >= UnsafeMutableRawPointer(view.base + shape.count))
  }

  /// Chunks of every size, in an order that leaves gaps at their ends.
  @Test func sameRequestsAgainTakeNothing() {
    let arena = Arena()
    func requests() -> [UnsafeMutableRawPointer] {
      arena.scope {
        [40 << 20, 32 << 20, 1, 240 << 20, 16 << 20, 56 << 20].map { arena.allocate(byteCount: $0) }
      }
    }
    let pieces = requests()
    let capacity = arena.capacity
    #expect(capacity >= 384 << 20)
    for _ in 0..<3 { #expect(requests() == pieces) }
    #expect(arena.capacity == capacity)
  }

  /// After a call that needed several chunks there is one, of what the call held at most.
  @Test func noMoreIsKeptThanTheLargestCallNeeds() throws {
    let engine = try Engine(level: .baseline, threads: 1)
    func call(_ sizes: [Int]) -> [UnsafeMutableRawPointer] {
      engine.withWorkspace { workspace in
        sizes.map { size in workspace.arena.scope { workspace.arena.allocate(byteCount: size) } }
      }
    }
    func capacity() -> Int { engine.withWorkspace { $0.arena.capacity } }
    _ = call([72 << 20, 80 << 20, 88 << 20])
    #expect(capacity() == (88 << 20) + Arena.overhead)
    let pieces = call([72 << 20, 80 << 20, 88 << 20])
    #expect(Set(pieces).count == 1)
    #expect(capacity() == (88 << 20) + Arena.overhead)
    _ = call([1 << 20])
    #expect(capacity() == (88 << 20) + Arena.overhead)
  }

  /// Closures and the like aside, of a few bytes each; the maps here have 400 KB and more.
  @Test(
    .enabled(if: allocation_count_is_available(), "allocations cannot be counted under a sanitizer"),
    arguments: Engine.availableLevels, [1, 3])
  func secondCallTakesNothing(_ level: InstructionSetLevel, _ threads: Int) throws {
    let engine = try Engine(level: level, threads: threads)
    func allocations(_ call: () throws -> Void) rethrows -> AllocationCount {
      allocation_count_begin_thread()
      defer { _ = allocation_count_end_thread() }
      try call()
      return allocation_count_end_thread()
    }
    for (kernel, stride, channels) in [(1, 1, 33), (3, 1, 64), (3, 2, 64), (6, 1, 3)] {
      for preservesTies in [false, true] {
        let configuration = Convolution.Configuration(
          inputChannels: channels, outputChannels: 64, kernel: Extent(kernel), stride: Extent(stride),
          padding: Extent(kernel / 2), preservesTies: preservesTies)
        let operands = try ConvolutionOperands(
          integers: configuration, Shape(height: 40, width: 40, channels: channels))
        let convolution = try operands.convolution(engine)
        var output = try convolution(operands.input)
        let second = try allocations { try convolution(operands.input, into: &output) }
        #expect(second.largest < 1024, "kernel \(kernel), stride \(stride), \(preservesTies)")
      }
    }
    let pooling = try MaxPooling(size: 5, stride: 1, padding: 2, engine: engine)
    let fresh = try MaxPooling(size: 5, stride: 1, padding: 2, engine: Engine(level: level, threads: threads))
    let input = try Tensor(shape: Shape(height: 20, width: 20, channels: 256))
    let first = try allocations { _ = try fresh(input) }
    #expect(first.largest >= 64 << 20, "the first call makes the arena")
    let second = try allocations { _ = try pooling(input) }
    #expect(second.bytes < 4096 + 4 * input.shape.count, "nothing but the output, of the same shape")
  }
}

#if DEBUG
  /// Debug builds notice what leaves its memory.
  @Suite struct RedZoneTests {
    @Test func writingBehindAnAllocationEndsTheProcess() async {
      await #expect(processExitsWith: .failure) {
        let arena = Arena()
        arena.scope { arena.tensor(Shape(height: 1, width: 1, channels: 5)).base[5] = 1 }
      }
    }

    @Test func writingBeforeAnAllocationEndsTheProcess() async {
      await #expect(processExitsWith: .failure) {
        let arena = Arena()
        arena.scope { arena.tensor(Shape(height: 1, width: 1, channels: 5)).base[-1] = 1 }
      }
    }

    @Test func writingInsideIsFine() async {
      await #expect(processExitsWith: .success) {
        let arena = Arena()
        arena.scope {
          let view = arena.tensor(Shape(height: 1, width: 1, channels: 5))
          view.base.initialize(repeating: 1, count: 5)
        }
      }
    }

    /// A register tile that computes more pixels than its output has.
    @Test func aKernelThatWritesTooMuchEndsTheProcess() async {
      await #expect(processExitsWith: .failure) {
        let engine = try Engine(threads: 1)
        let tile = try #require(engine.kernels.tiles[0])
        engine.withWorkspace { workspace in
          let width = engine.kernels.lanes
          let arena = workspace.arena
          let input = arena.tensor(Shape(height: 1, width: 1, channels: 1))
          input.base[0] = 1
          let weights = arena.tensor(Shape(height: 1, width: 2, channels: width))
          weights.base.initialize(repeating: 1, count: 2 * width)
          arena.scope {
            let output = arena.tensor(Shape(height: 1, width: tile.rows - 1, channels: width))
            let taps = [UnsafeRawPointer](repeating: input.memory, count: tile.rows)
            taps.withUnsafeBufferPointer { taps in
              guard let taps = taps.baseAddress else { return }
              var operands = TileOperands(
                taps: taps, tapStride: tile.rows, positions: 1, depth: 1, weights: weights.base,
                bias: weights.pixel(1), activation: .none, residual: nil, residualStride: 0,
                addsBeforeActivation: false, output: output.base, outputStride: width)
              tile.run(&operands, 1)
            }
          }
        }
      }
    }

    /// What is read before it was written, or after its scope, is NaN.
    @Test func memoryThatIsNotInUseIsNaN() {
      let arena = Arena()
      let view = arena.scope {
        let view = arena.tensor(Shape(height: 1, width: 1, channels: 3))
        #expect((0..<3).allSatisfy { view.base[$0].isNaN })
        view.base.initialize(repeating: 1, count: 3)
        return view
      }
      let again = arena.tensor(view.shape)
      #expect(again.memory == view.memory)
      #expect((0..<3).allSatisfy { again.base[$0].isNaN })
    }
  }
#endif
