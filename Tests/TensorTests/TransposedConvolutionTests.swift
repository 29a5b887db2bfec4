import Tensor
import TensorTestSupport
import TestSupport
import Testing

/// Transposed convolutions against the definition: every input pixel is added to the outputs that it reaches.
@Suite struct TransposedConvolutionTests {
  private static let geometries: [(kernel: Extent, stride: Extent, padding: Extent, dilation: Extent)] = [
    (2, 2, 0, 1), (3, 3, 0, 1), (1, 1, 0, 1), (3, 1, 1, 1), (3, 2, 1, 1), (4, 2, 1, 1), (2, 3, 0, 1), (1, 2, 0, 1),
    (3, 2, 0, 2), (2, 1, 1, 3), (5, 2, 2, 1),
    (Extent(height: 3, width: 1), Extent(height: 1, width: 2), Extent(height: 1, width: 0), 1),
    (
      Extent(height: 2, width: 5), Extent(height: 3, width: 2), Extent(height: 0, width: 3),
      Extent(height: 2, width: 1)
    ),
  ]

  @Test(arguments: Engine.availableLevels, geometries.indices)
  func everyGeometry(_ level: InstructionSetLevel, _ index: Int) throws {
    let engine = try Engine(level: level, threads: 2)
    let (kernel, stride, padding, dilation) = Self.geometries[index]
    for (height, width) in [(1, 1), (1, 6), (5, 4)] {
      for (inputs, outputs) in [(1, 1), (3, 5), (16, 16)] {
        for activation in [Activation.none, .relu] {
          let configuration = TransposedConvolution.Configuration(
            inputChannels: inputs, outputChannels: outputs, kernel: kernel, stride: stride, padding: padding,
            dilation: dilation, activation: activation)
          try check(configuration, Shape(batch: 2, height: height, width: width, channels: inputs), engine)
        }
      }
    }
  }

  private func check(
    _ c: TransposedConvolution.Configuration, _ shape: Shape, _ engine: Engine
  ) throws {
    var generator = SeededGenerator(seed: 9)
    // Winograd's transform of the filters divides by 24², see ConvolutionOperands.
    let weights = generator.integers(c.inputChannels * c.outputChannels * c.kernel.height * c.kernel.width, in: -1...1)
      .map { $0 * 576 }
    let bias = generator.integers(c.outputChannels)
    let input = try Tensor(shape: shape, values: generator.integers(shape.count, in: -1...1))
    let convolution = try TransposedConvolution(c, weights: weights, bias: bias, engine: engine)
    let reference = reference(c, input, weights, bias)
    guard reference.shape.height > 0, reference.shape.width > 0 else {
      #expect(throws: TensorError.self) { try convolution(input) }
      return
    }
    let output = try convolution(input)
    #expect(output.shape == reference.shape)
    #expect(mismatch(output.values, reference.values) == nil, "\(c) on \(shape)")
    var wide = try Tensor(shape: output.shape.withChannels(c.outputChannels + 2), repeating: -1)
    try convolution(input, into: &wide, at: 1)
    #expect(wide.channels(1..<1 + c.outputChannels) == output.values)
    #expect(
      (wide.channels(0..<1) + wide.channels(1 + c.outputChannels..<2 + c.outputChannels)).allSatisfy { $0 == -1 })
  }

  private func reference(
    _ c: TransposedConvolution.Configuration, _ input: Tensor, _ weights: [Float], _ bias: [Float]
  ) -> (shape: Shape, values: [Double]) {
    func extent(_ size: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int) -> Int {
      max(0, (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1)
    }
    let shape = Shape(
      batch: input.shape.batch,
      height: extent(input.shape.height, c.kernel.height, c.stride.height, c.padding.height, c.dilation.height),
      width: extent(input.shape.width, c.kernel.width, c.stride.width, c.padding.width, c.dilation.width),
      channels: c.outputChannels)
    var sums = (0..<shape.count).map { Double(bias[$0 % c.outputChannels]) }
    for n in 0..<shape.batch {
      for i in 0..<input.shape.height {
        for j in 0..<input.shape.width {
          for u in 0..<c.kernel.height {
            for v in 0..<c.kernel.width {
              let y = i * c.stride.height - c.padding.height + u * c.dilation.height
              let x = j * c.stride.width - c.padding.width + v * c.dilation.width
              guard (0..<shape.height).contains(y), (0..<shape.width).contains(x) else { continue }
              for o in 0..<c.outputChannels {
                let target = ((n * shape.height + y) * shape.width + x) * c.outputChannels + o
                for channel in 0..<c.inputChannels {
                  let weight = ((channel * c.outputChannels + o) * c.kernel.height + u) * c.kernel.width + v
                  sums[target] += Double(input[n, i, j, channel]) * Double(weights[weight])
                }
              }
            }
          }
        }
      }
    }
    return (shape, sums.map { c.activation.reference($0) })
  }

  @Test func refused() throws {
    let engine = try Engine(threads: 1)
    func make(
      _ inputs: Int = 1, _ outputs: Int = 1, kernel: Extent = 1, stride: Extent = 1, padding: Extent = 0,
      dilation: Extent = 1, weights: [Float] = [1], bias: [Float]? = nil
    ) throws -> TransposedConvolution {
      try TransposedConvolution(
        .init(
          inputChannels: inputs, outputChannels: outputs, kernel: kernel, stride: stride, padding: padding,
          dilation: dilation), weights: weights, bias: bias, engine: engine)
    }
    func expect(_ sentence: String, _ body: () throws -> TransposedConvolution) {
      #expect(throws: TensorError.invalidParameter(sentence)) { try body() }
    }
    expect("inputChannels must be 1 to 1048576, got 0") { try make(0) }
    expect("outputChannels must be 1 to 1048576, got \(Int.min)") { try make(1, .min) }
    expect("kernel must be 1 to 1024, got 0x1") { try make(kernel: Extent(height: 0, width: 1)) }
    expect("stride must be 1 to 1024, got -1x-1") { try make(stride: -1) }
    expect("padding must be 0 to 1024, got 1x1025") { try make(padding: Extent(height: 1, width: 1025)) }
    expect("dilation must be 1 to 1024, got \(Int.max)x1") { try make(dilation: Extent(height: .max, width: 1)) }
    expect(
      "a transposed convolution may have at most 1048576 output channels times the stride's area, got 2 with stride "
        + "1024x1024"
    ) { try make(1, 2, stride: 1024, weights: [1, 1]) }
    expect("every weight must be finite, but weight 0 is inf") { try make(weights: [.infinity]) }
    expect("every bias must be finite, but bias 0 is nan") { try make(bias: [.nan]) }
    #expect(
      throws: TensorError.invalidShape("a transposed convolution [1, 2, 3, 1] needs 6 weights, got 1")
    ) { try make(1, 2, kernel: Extent(height: 3, width: 1)) }
    #expect(
      throws: TensorError.invalidShape("a transposed convolution to 1 channels needs 1 biases, got 2")
    ) { try make(bias: [1, 2]) }
    // Many weights from few, and a kernel that dilation makes too large.
    #expect(throws: TensorError.self) {
      try make(1 << 10, 1, stride: 1024, weights: .init(repeating: 1, count: 1 << 10))
    }
    expect(
      "a kernel of 2x2 with dilation 1024x1024 and stride 1x1 has parts of 1025x1025; at most 16384 positions are "
        + "allowed"
    ) { try make(kernel: 2, dilation: 1024, weights: [1, 1, 1, 1]) }
    #expect(
      throws: TensorError.invalidShape(
        "a transposed convolution of 1 input channels got an input of shape [1, 2, 2, 2]")
    ) { try make()(Tensor(shape: Shape(height: 2, width: 2, channels: 2))) }
    #expect(
      throws: TensorError.invalidShape(
        "a transposed convolution of [1, 2, 2, 1] with a 1x1 kernel of dilation 1x1, stride 1x1 and padding 1x1 would "
          + "have an output of [1, 0, 0, 1]")
    ) { try make(padding: 1)(Tensor(shape: Shape(height: 2, width: 2, channels: 1))) }
    #expect(throws: TensorError.self) {
      try make(stride: 1024).outputShape(for: Shape(height: 1 << 16, width: 1 << 16, channels: 1))
    }
  }
}
