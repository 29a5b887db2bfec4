import Tensor
import TestSupport
import Testing

/// Max pooling and upsampling of reduced-precision maps: the same numbers as on floats.
@Suite struct ReducedPrecisionPoolingTests {
  @Test(arguments: Engine.availableLevels)
  func poolsAsFloatsDo(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 2)
    for channels in edgeSizes(engine.reducedPrecision.lanes, engine.reducedPrecision.byteLanes).dropFirst() {
      try check(channels, engine)
    }
  }

  /// Wherever in the window it lies, and whatever follows it.
  @Test(arguments: Engine.availableLevels, 0..<9)
  func notANumberWins(_ level: InstructionSetLevel, _ place: Int) throws {
    let engine = try Engine(level: level, threads: 1)
    let channels = engine.reducedPrecision.lanes + 1
    let pooling = try MaxPooling(size: 3, stride: 1, engine: engine)
    engine.withWorkspace { workspace in
      let source = workspace.arena.tensor(Shape(height: 3, width: 3, channels: channels), MapFormat(.bfloat16))
      for element in 0..<9 * channels {
        let value = element / channels == place ? Float.nan : Float(element % 7)
        source.memory.storeBytes(of: value.bfloat16, toByteOffset: 2 * element, as: UInt16.self)
      }
      let target = workspace.arena.tensor(Shape(height: 1, width: 1, channels: channels), MapFormat(.bfloat16))
      pooling(source, into: target, workspace)
      for channel in 0..<channels {
        let bits = target.memory.load(fromByteOffset: 2 * channel, as: UInt16.self)
        #expect(Float(bitPattern: UInt32(bits) << 16).isNaN, "channel \(channel)")
      }
    }
  }

  /// Padding is smaller than every number, so a window of infinities keeps them.
  @Test(arguments: Engine.availableLevels)
  func infinities(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 1)
    let channels = engine.reducedPrecision.lanes + 1
    let pooling = try MaxPooling(size: 3, stride: 1, padding: 1, engine: engine)
    engine.withWorkspace { workspace in
      let shape = Shape(height: 2, width: 2, channels: channels)
      let (source, target) = (
        workspace.arena.tensor(shape, MapFormat(.bfloat16)), workspace.arena.tensor(shape, MapFormat(.bfloat16))
      )
      let infinity = (-Float.infinity).bfloat16
      source.memory.initializeMemory(as: UInt16.self, repeating: infinity, count: shape.count)
      pooling(source, into: target, workspace)
      for element in 0..<shape.count {
        #expect(target.memory.load(fromByteOffset: 2 * element, as: UInt16.self) == infinity)
      }
    }
  }

  private func check(_ channels: Int, _ engine: Engine) throws {
    let shape = Shape(batch: 2, height: 6, width: 7, channels: channels)
    var generator = SeededGenerator(seed: 3)
    let bytes = generator.bytes(shape.count)
    for (size, stride, padding) in [(5, 1, 2), (1, 2, 0), (3, 2, 1)] {
      let pooling = try MaxPooling(size: size, stride: stride, padding: padding, engine: engine)
      let floats = try Tensor(shape: shape, values: bytes.map { Float($0) })
      let expected = try pooling(floats).values
      engine.withWorkspace { workspace in
        for kind in [MapFormat.Kind.byte, .bfloat16] {
          let source = workspace.arena.tensor(shape, MapFormat(kind))
          let target = workspace.arena.tensor(pooling.outputShape(of: shape), MapFormat(kind))
          for (index, byte) in bytes.enumerated() {
            if kind == .byte {
              source.memory.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
            } else {
              let half = UInt16(Float(byte).bitPattern >> 16)
              source.memory.storeBytes(of: half, toByteOffset: 2 * index, as: UInt16.self)
            }
          }
          pooling(source, into: target, workspace)
          let found = (0..<target.shape.count).map { index in
            kind == .byte
              ? Float(target.memory.load(fromByteOffset: index, as: UInt8.self))
              : Float(bitPattern: UInt32(target.memory.load(fromByteOffset: 2 * index, as: UInt16.self)) << 16)
          }
          #expect(found == expected, "\(kind), \(size)x\(size)/\(stride), \(channels) channels")
        }
      }
    }
  }
}
