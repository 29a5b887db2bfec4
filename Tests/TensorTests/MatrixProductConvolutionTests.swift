import Tensor
import TensorTestSupport
import TestSupport
import Testing

/// OpenBLAS; nil where it cannot be used.
private let library = try? OpenBLAS.system.get()

/// Convolutions by OpenBLAS at the level baseline, against plain loops in Double and against Limn's own tiles.
@Suite(.enabled(if: library != nil, "no OpenBLAS: its convolutions are not tested"))
struct MatrixProductConvolutionTests {
  private func engine(threads: Int = 2) throws -> Engine {
    try Engine(level: .baseline, threads: threads, usesOpenBLAS: true)
  }

  private func algorithm(_ configuration: Convolution.Configuration, _ engine: Engine) throws -> String? {
    let operands = try ConvolutionOperands(
      integers: configuration, Shape(height: 8, width: 8, channels: configuration.inputChannels))
    return try engine.profile { _ = try operands.convolve(engine) }.times.first?.algorithm
  }

  @Test func whichLayersItComputes() throws {
    let (engine, own) = (try engine(), try Engine(level: .baseline, threads: 1, usesOpenBLAS: false))
    for (inputs, outputs, kernel, stride, preservesTies, name, ownName) in [
      (16, 16, 1, 1, false, "direct, OpenBLAS", "direct"), (16, 16, 3, 2, false, "direct, OpenBLAS", "Winograd"),
      (3, 16, 6, 2, false, "direct, OpenBLAS", "direct"), (16, 16, 3, 1, false, "Winograd, OpenBLAS", "Winograd"),
      (16, 16, 3, 1, true, "guarded Winograd", "guarded Winograd"), (16, 16, 1, 1, true, "direct", "direct"),
      (16, 15, 1, 1, false, "direct", "direct"), (15, 16, 1, 1, false, "direct", "direct"),
    ] {
      let configuration = Convolution.Configuration(
        inputChannels: inputs, outputChannels: outputs, kernel: Extent(kernel), stride: Extent(stride),
        padding: Extent(kernel / 2), preservesTies: preservesTies)
      #expect(try algorithm(configuration, engine) == name, "\(configuration)")
      #expect(try algorithm(configuration, own) == ownName)
      for level in Engine.availableLevels.dropFirst() {
        let higher = try Engine(level: level, threads: 1, usesOpenBLAS: true)
        let chosen = try #require(try algorithm(configuration, higher))
        #expect(!chosen.contains("OpenBLAS"))
      }
    }
  }

  @Test(arguments: [(1, 1), (3, 3), (5, 5), (6, 6), (1, 3), (3, 1)])
  func everyGeometry(_ kernel: (height: Int, width: Int)) throws {
    let engine = try engine(threads: 1)
    for stride in [1, 2, Extent(height: 1, width: 3)] {
      for padding in [0, 1, Extent(height: 0, width: 2)] {
        for dilation in [1, 2] as [Extent] {
          let configuration = Convolution.Configuration(
            inputChannels: 17, outputChannels: 18, kernel: Extent(height: kernel.height, width: kernel.width),
            stride: stride, padding: padding, dilation: dilation)
          try expectExact(configuration, Shape(batch: 2, height: 14, width: 13, channels: 17), engine)
        }
      }
    }
  }

  /// Around the sizes of blocks, of tiles and of panels.
  @Test(arguments: [1, 5, 95, 96, 97, 192, 193, 400])
  func everyCountOfPixels(_ width: Int) throws {
    let engine = try engine()
    for (kernel, stride, channels) in [(1, 1, 20), (1, 2, 20), (3, 1, 20), (3, 2, 20), (3, 1, 132)] {
      let configuration = Convolution.Configuration(
        inputChannels: 20, outputChannels: channels, kernel: Extent(kernel), stride: Extent(stride),
        padding: Extent(kernel / 2))
      try expectExact(configuration, Shape(height: 3, width: width, channels: 20), engine)
    }
  }

  @Test(arguments: [16, 17, 18, 19, 255])
  func everyCountOfChannels(_ outputs: Int) throws {
    let engine = try engine(threads: 1)
    for (inputs, kernel, padding) in [(16, 1, 0), (37, 1, 0), (5, 2, 0), (4, 3, 1)] {
      let configuration = Convolution.Configuration(
        inputChannels: inputs, outputChannels: outputs, kernel: Extent(kernel), padding: Extent(padding))
      try expectExact(configuration, Shape(height: 5, width: 7, channels: inputs), engine)
    }
  }

  @Test(arguments: [false, true], [Activation.none, .relu])
  func residualBeforeOrAfterTheActivation(_ isBefore: Bool, _ activation: Activation) throws {
    let engine = try engine()
    for channels in [16, 19] {
      for kernel in [1, 3] {
        let configuration = Convolution.Configuration(
          inputChannels: channels, outputChannels: channels, kernel: Extent(kernel), padding: Extent(kernel / 2),
          activation: activation, addsBeforeActivation: isBefore)
        try expectExact(
          configuration, Shape(batch: 2, height: 7, width: 9, channels: channels), hasResidual: true, engine)
      }
    }
  }

  /// Input, output and residual are channels of wider tensors, and the residual is the output itself.
  @Test(arguments: [1, 3])
  func slicesAndAResidualThatIsTheOutput(_ kernel: Int) throws {
    let engine = try engine()
    let configuration = Convolution.Configuration(
      inputChannels: 17, outputChannels: 18, kernel: Extent(kernel), padding: Extent(kernel / 2), activation: .relu)
    let operands = try ConvolutionOperands(
      integers: configuration, Shape(height: 9, width: 11, channels: 17), hasResidual: true)
    let convolution = try operands.convolution(engine)
    let input = try operands.input.widened(before: 2, after: 1)
    var output = try #require(try operands.residual?.widened(before: 3, after: 2))
    engine.withWorkspace { workspace in
      input.withView { input in
        output.withMutableView { output in
          let slice = output.channels(3..<21)
          convolution(input.channels(2..<19), into: slice, adding: slice, workspace)
        }
      }
    }
    #expect(mismatch(output.channels(3..<21), operands.reference.values) == nil)
    #expect((output.channels(0..<3) + output.channels(21..<23)).allSatisfy { $0.isNaN })
  }

  /// The last digits may depend on OpenBLAS's kernels, but both lie within the tolerance of the definition.
  @Test(arguments: [Activation.none, .silu])
  func randomValuesEqualThoseOfTheTile(_ activation: Activation) throws {
    let (engine, own) = (try engine(), try Engine(level: .baseline, threads: 2, usesOpenBLAS: false))
    for (kernel, stride, tolerance) in [
      (1, 1, Tolerance.implicitConvolution), (3, 1, .winogradConvolution), (3, 2, .winogradConvolution),
      (5, 1, .implicitConvolution),
    ] {
      let configuration = Convolution.Configuration(
        inputChannels: 64, outputChannels: 48, kernel: Extent(kernel), stride: Extent(stride),
        padding: Extent(kernel / 2), activation: activation)
      let operands = try ConvolutionOperands(random: configuration, Shape(height: 21, width: 19, channels: 64))
      let expected = try operands.convolve(own).values.map(Double.init)
      let found = try operands.convolve(engine).values
      #expect(mismatch(found, expected, magnitudes: operands.reference.magnitudes, tolerance) == nil)
      if activation == .none {
        #expect(
          mismatch(found, operands.reference.values, magnitudes: operands.reference.magnitudes, tolerance) == nil)
      }
    }
  }

  @Test(arguments: [(1, 1), (3, 1), (3, 2), (5, 1)])
  func theNumberOfThreadsChangesNoBit(_ kernel: Int, _ stride: Int) throws {
    let configuration = Convolution.Configuration(
      inputChannels: 20, outputChannels: 260, kernel: Extent(kernel), stride: Extent(stride),
      padding: Extent(kernel / 2), activation: .silu)
    let operands = try ConvolutionOperands(random: configuration, Shape(height: 23, width: 37, channels: 20))
    let outputs = try [1, 2, 3, 7].map { try operands.convolve(engine(threads: $0)).values }
    for output in outputs.dropFirst() { #expect(output == outputs[0]) }
  }

  /// Linear layers are 1×1 convolutions of slices.
  @Test func fullyConnectedLayers() throws {
    let (rows, inputs, outputs) = (200, 1100, 17)
    var generator = SeededGenerator(seed: 3)
    let (weights, bias) = (generator.integers(outputs * inputs), generator.integers(outputs))
    let input = generator.integers(rows * inputs)
    let results = try [true, false].map { usesOpenBLAS in
      let engine = try Engine(level: .baseline, threads: 2, usesOpenBLAS: usesOpenBLAS)
      let layer = try Linear(
        inputs: inputs, outputs: outputs, weights: weights, bias: bias, activation: .relu, engine: engine)
      let input = try Tensor(shape: Shape(batch: rows, height: 1, width: 1, channels: inputs), values: input)
      var output = try Tensor(shape: Shape(batch: rows, height: 1, width: 1, channels: outputs))
      engine.withWorkspace { workspace in
        input.withView { input in output.withMutableView { layer(input, into: $0, workspace) } }
      }
      return output.values
    }
    #expect(results[0] == results[1])
  }

  private func expectExact(
    _ configuration: Convolution.Configuration, _ shape: Shape, hasResidual: Bool = false, _ engine: Engine
  ) throws {
    let operands = try ConvolutionOperands(integers: configuration, shape, hasResidual: hasResidual)
    let output = try operands.convolve(engine)
    #expect(mismatch(output.values, operands.reference.values) == nil, "\(configuration) on \(shape)")
  }
}
