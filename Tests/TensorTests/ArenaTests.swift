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
      #expect(second == first + 128)
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
    #expect(capacity() == 88 << 20)
    let pieces = call([72 << 20, 80 << 20, 88 << 20])
    #expect(Set(pieces).count == 1)
    #expect(capacity() == 88 << 20)
    _ = call([1 << 20])
    #expect(capacity() == 88 << 20)
  }

  @Test(arguments: Engine.availableLevels, [1, 3])
  func secondCallTakesNothing(_ level: InstructionSetLevel, _ threads: Int) throws {
    let engine = try Engine(level: level, threads: threads)
    func capacity() -> Int { engine.withWorkspace { $0.arena.capacity } }
    #expect(capacity() == 0)
    for (kernel, channels) in [(1, 33), (3, 64), (6, 3)] {
      let configuration = Convolution.Configuration(
        inputChannels: channels, outputChannels: 64, kernel: Extent(kernel), padding: Extent(kernel / 2))
      let operands = try ConvolutionOperands(
        integers: configuration, Shape(height: 40, width: 40, channels: channels))
      let convolution = try operands.convolution(engine)
      _ = try convolution(operands.input)
      let first = capacity()
      #expect(first > 0)
      _ = try convolution(operands.input)
      #expect(capacity() == first, "kernel \(kernel)")
    }
    let pooling = try MaxPooling(size: 5, stride: 1, padding: 2, engine: engine)
    let input = try Tensor(shape: Shape(height: 20, width: 20, channels: 64))
    _ = try pooling(input)
    let first = capacity()
    _ = try pooling(input)
    #expect(capacity() == first)
  }
}
