import Tensor
import TensorTestSupport
import TestSupport
import Testing

/// Convolutions of reduced-precision maps. Integer-valued operands that the formats hold are exact: bfloat16 holds integers to 256,
/// and weights of which one of each output channel is ±127 are bytes themselves.
@Suite struct DotConvolutionTests {
  /// A format, and the numbers of a map that it holds exactly.
  enum Kind: CaseIterable {
    case bfloat16, bytes, bytesAboveZero

    var format: MapFormat {
      switch self {
      case .bfloat16: MapFormat(.bfloat16)
      case .bytes: MapFormat(.byte, scale: 1, zero: 100)
      case .bytesAboveZero: MapFormat(.byte, scale: 1, zero: 0)
      }
    }

    var range: ClosedRange<Int> {
      switch self {
      case .bfloat16: -9...9
      case .bytes: -100...155
      case .bytesAboveZero: 0...255
      }
    }
  }

  @Test(arguments: Engine.availableLevels, Kind.allCases)
  func everyGeometry(_ level: InstructionSetLevel, _ kind: Kind) throws {
    let engine = try Engine(level: level, threads: 1)
    for (kernel, stride, padding, dilation) in [
      (1, 1, 0, 1), (1, 2, 0, 1), (3, 1, 1, 1), (3, 2, 1, 1), (5, 1, 3, 1), (3, 1, 2, 2), (6, 2, 0, 1), (3, 3, 0, 1),
    ] {
      for extent in [(7, 9), (13, 6), (6, 31)] {
        try check(
          .init(
            inputChannels: 6, outputChannels: 17, kernel: Extent(kernel), stride: Extent(stride),
            padding: Extent(padding),
            dilation: Extent(dilation)),
          Shape(height: extent.0, width: extent.1, channels: 6), kind, engine)
      }
    }
  }

  @Test(arguments: Engine.availableLevels, Kind.allCases)
  func everyCountOfChannels(_ level: InstructionSetLevel, _ kind: Kind) throws {
    let engine = try Engine(level: level, threads: 2)
    let lanes = engine.reducedPrecision.lanes
    let panels = (1...engine.reducedPrecision.bytes.tileSizes.maximumColumns + 1).map { $0 * lanes }
    for outputs in Set(edgeSizes(lanes) + panels).subtracting([0]) {
      // A word holds two bfloat16 or four bytes.
      for inputs in edgeSizes(4, 32).dropFirst() where kind != .bfloat16 || inputs % 2 == 0 {
        try check(
          .init(inputChannels: inputs, outputChannels: outputs), Shape(height: 3, width: 5, channels: inputs), kind,
          engine)
      }
    }
  }

  /// Of each tile, with outputs that fill it.
  @Test(arguments: Engine.availableLevels, Kind.allCases)
  func everyCountOfPixels(_ level: InstructionSetLevel, _ kind: Kind) throws {
    let engine = try Engine(level: level, threads: 1)
    let kernels = engine.reducedPrecision
    guard let dots = kind == .bfloat16 ? kernels.bfloats?.dots : kernels.bytes else { return }
    for slot in 0..<dots.tileSizes.maximumColumns {
      let tile = try #require(dots.tiles[slot])
      for pixels in edgeSizes(tile.rows).dropFirst() {
        try check(
          .init(inputChannels: 4, outputChannels: tile.columns * kernels.lanes),
          Shape(height: 1, width: pixels, channels: 4), kind, engine)
      }
    }
  }

  /// Rows of three channels that are read as runs of 18 or 9, as in the stem. The last window of the second size ends with
  /// the map, in the middle of a word of bfloat16.
  @Test(arguments: Engine.availableLevels, Kind.allCases)
  func stem(_ level: InstructionSetLevel, _ kind: Kind) throws {
    let engine = try Engine(level: level, threads: 2)
    for kernel in [3, 6, 7] {
      for (height, width) in [(20, 22), (21, 23)] {
        try check(
          .init(inputChannels: 3, outputChannels: 32, kernel: Extent(kernel), stride: 2),
          Shape(batch: 2, height: height, width: width, channels: 3), kind, engine)
      }
    }
  }

  @Test(arguments: Engine.availableLevels, Kind.allCases)
  func residualAndActivation(_ level: InstructionSetLevel, _ kind: Kind) throws {
    let engine = try Engine(level: level, threads: 2)
    for (channels, isBefore) in [(16, false), (16, true), (34, false), (34, true)] {
      try check(
        .init(
          inputChannels: channels, outputChannels: channels, kernel: 1, activation: .relu,
          addsBeforeActivation: isBefore),
        Shape(batch: 2, height: 7, width: 9, channels: channels), kind, hasResidual: true, engine)
    }
  }

  /// What is written in bytes or bfloat16 is the nearest number that there is.
  @Test(arguments: Engine.availableLevels, Kind.allCases)
  func reducedPrecisionOutput(_ level: InstructionSetLevel, _ kind: Kind) throws {
    let engine = try Engine(level: level, threads: 1)
    guard kind != .bfloat16 || engine.reducedPrecision.bfloats != nil else { return }
    let configuration = Convolution.Configuration(inputChannels: 4, outputChannels: 20)
    let shape = Shape(height: 5, width: 7, channels: 4)
    for format in [MapFormat(.byte, scale: 37, zero: 90), MapFormat(.bfloat16)] where format.kind == kind.format.kind {
      let operands = Operands(configuration, shape, kind, hasResidual: false)
      let found = try operands.convolve(format, engine)
      for (value, exact) in zip(found, operands.reference.values) {
        let expected: Double
        if format.kind == .byte {
          let byte = min(max((exact / 37).rounded(.toNearestOrEven) + 90, 0), 255)
          expected = (byte - 90) * 37
          // A tie may fall either way, since the quotient is rounded first.
          #expect(
            abs(Double(value) - expected) <= (abs((exact / 37).truncatingRemainder(dividingBy: 1)) == 0.5 ? 37 : 0))
        } else {
          let bits = (Float(exact).bitPattern &+ 0x7fff &+ (Float(exact).bitPattern >> 16 & 1)) & 0xffff_0000
          expected = Double(Float(bitPattern: bits))
          #expect(Double(value) == expected)
        }
      }
    }
  }

  /// Weights too small for a scale, of which the largest code would be infinite or beyond a byte.
  @Test(arguments: Engine.availableLevels, [Float.leastNonzeroMagnitude, Float(bitPattern: 143), 1e-38])
  func denormalWeightsAreZeros(_ level: InstructionSetLevel, _ weight: Float) throws {
    let engine = try Engine(level: level, threads: 1)
    let convolution = try Convolution(
      .init(inputChannels: 4, outputChannels: 2), weights: [weight, -weight, 0, 0, 127, 0, 0, -127], bias: [3, 4],
      format: MapFormat(.byte, scale: 1, zero: 0), engine: engine)
    engine.withWorkspace { workspace in
      let input = workspace.arena.tensor(Shape(height: 1, width: 1, channels: 4), MapFormat(.byte, scale: 1, zero: 0))
      input.memory.initializeMemory(as: UInt8.self, repeating: 2, count: 4)
      input.memory.storeBytes(of: 5, as: UInt8.self)
      let output = workspace.arena.tensor(Shape(height: 1, width: 1, channels: 2))
      convolution(input, into: output, workspace)
      #expect([output.base[0], output.base[1]] == [3, 4 + 127 * (5 - 2)])
    }
  }

  /// 66,311 products of 255 and 127 are the most whose sum an integer of 32 bits holds.
  @Test(arguments: Engine.availableLevels, [Float(1), -1])
  func bytesSumAsFarAsTheirIntegersReach(_ level: InstructionSetLevel, _ sign: Float) throws {
    let engine = try Engine(level: level, threads: 1)
    let format = MapFormat(.byte, scale: 1, zero: 0)
    let count = 66_311
    let convolution = try Convolution(
      .init(inputChannels: count, outputChannels: 1), weights: Array(repeating: sign * 127, count: count),
      format: format, engine: engine)
    engine.withWorkspace { workspace in
      let input = workspace.arena.tensor(Shape(height: 1, width: 1, channels: count), format)
      input.memory.initializeMemory(as: UInt8.self, repeating: 255, count: count)
      let output = workspace.arena.tensor(Shape(height: 1, width: 1, channels: 1))
      convolution(input, into: output, workspace)
      #expect(output.base[0] == sign * Float(count * 255 * 127))
    }
    for (channels, kernel) in [(count + 1, 1), (7368, 3)] {
      let configuration = Convolution.Configuration(inputChannels: channels, outputChannels: 1, kernel: Extent(kernel))
      let weights = [Float](repeating: 127, count: channels * kernel * kernel)
      #expect(
        throws: TensorError.invalidParameter(
          "a convolution in int8 can sum at most 66311 products in 32 bits, got 66312: \(channels) channels times "
            + "\(kernel)x\(kernel)")
      ) { try Convolution(configuration, weights: weights, format: format, engine: engine) }
      _ = try Convolution(configuration, weights: weights, engine: engine)
    }
  }

  @Test(arguments: Engine.availableLevels)
  func bfloat16NeedsItsLevel(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 1)
    let make = {
      try Convolution(
        .init(inputChannels: 2, outputChannels: 1), weights: [1, 2], format: MapFormat(.bfloat16), engine: engine)
    }
    if level == .avx512dot {
      _ = try make()
    } else {
      #expect(throws: TensorError.self) { try make() }
      #expect(throws: TensorError.self) { try engine.requireBFloat16() }
    }
  }

  private func check(
    _ configuration: Convolution.Configuration, _ shape: Shape, _ kind: Kind, hasResidual: Bool = false,
    _ engine: Engine
  ) throws {
    guard kind != .bfloat16 || engine.reducedPrecision.bfloats != nil else { return }
    // Winograd on bfloat16 is no exact sum; it has tests of its own, WinogradDotsTests.
    guard kind != .bfloat16 || ConvolutionTests.isDirect(configuration, engine) else { return }
    let operands = Operands(configuration, shape, kind, hasResidual: hasResidual)
    let found = try operands.convolve(MapFormat(.float32), engine)
    #expect(
      mismatch(found, operands.reference.values, magnitudes: operands.reference.magnitudes, .exact) == nil,
      "\(configuration) on \(shape), \(kind)")
  }

  /// Operands that are exact in a format.
  struct Operands {
    let configuration: Convolution.Configuration
    let shape: Shape
    let format: MapFormat
    let input: [Float]
    let weights: [Float]
    let bias: [Float]
    let residual: [Float]?
    let reference: ReferenceConvolution

    init(_ c: Convolution.Configuration, _ shape: Shape, _ kind: Kind, hasResidual: Bool) {
      var generator = SeededGenerator(seed: 5)
      let size = c.inputChannels * c.kernel.height * c.kernel.width
      configuration = c
      self.shape = shape
      format = kind.format
      input = generator.integers(shape.count, in: kind.range)
      var weights = generator.integers(c.outputChannels * size, in: -9...9)
      for output in 0..<c.outputChannels where kind != .bfloat16 {
        weights[output * size + output % size] = output % 2 == 0 ? 127 : -127
      }
      bias = generator.integers(c.outputChannels)
      let count = c.expectedShape(for: shape).count
      residual = hasResidual ? generator.integers(count, in: 0...100) : nil
      self.weights = weights
      reference = ReferenceConvolution(c, input, shape, weights: weights, bias: bias, residual: residual)
    }

    /// The output as floats, written in `output`; the residual has that format too.
    func convolve(_ output: MapFormat, _ engine: Engine) throws -> [Float] {
      let convolution = try Convolution(
        configuration, weights: weights, bias: bias, format: format, engine: engine)
      return engine.withWorkspace { workspace in
        let arena = workspace.arena
        // The memory of another call, as bfloat16 NaN: what reads beyond a map must not let it into a sum.
        arena.scope {
          _ = arena.allocate(byteCount: 1 << 20).initializeMemory(as: UInt8.self, repeating: 0xff, count: 1 << 20)
        }
        let source = arena.tensor(shape, format)
        Self.write(input, source)
        let target = arena.tensor(convolution.outputShape(of: shape), output)
        let added = residual.map { values in
          let view = arena.tensor(target.shape, output)
          Self.write(values, view)
          return view
        }
        convolution(source, into: target, adding: added, workspace)
        return Self.read(target)
      }
    }

    private static func write(_ values: [Float], _ view: TensorView) {
      for (index, value) in values.enumerated() {
        switch view.format.kind {
        case .float32: view.base[index] = value
        case .bfloat16:
          view.memory.storeBytes(of: UInt16(value.bitPattern >> 16), toByteOffset: 2 * index, as: UInt16.self)
        case .byte:
          view.memory.storeBytes(
            of: UInt8(value / view.format.scale + view.format.zero), toByteOffset: index, as: UInt8.self)
        }
      }
    }

    private static func read(_ view: TensorView) -> [Float] {
      (0..<view.shape.count).map { index in
        switch view.format.kind {
        case .float32: view.base[index]
        case .bfloat16:
          Float(bitPattern: UInt32(view.memory.load(fromByteOffset: 2 * index, as: UInt16.self)) << 16)
        case .byte:
          (Float(view.memory.load(fromByteOffset: index, as: UInt8.self)) - view.format.zero) * view.format.scale
        }
      }
    }
  }
}

extension ConvolutionTests {
  /// Whether a convolution of bfloat16 is a plain sum.
  static func isDirect(_ c: Convolution.Configuration, _ engine: Engine) -> Bool {
    let lanes = engine.kernels.lanes
    return
      !(c.kernel == 3 && c.stride == 1 && c.dilation == 1 && c.inputChannels % lanes == 0
      && c.outputChannels % lanes == 0)
  }
}
