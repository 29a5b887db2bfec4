import Tensor
import TensorTestSupport
import TestSupport

/// Seeded operands of one convolution, and what comes of them.
struct ConvolutionOperands {
  let configuration: Convolution.Configuration
  let input: Tensor
  let weights: [Float]
  let bias: [Float]
  let residual: Tensor?
  let reference: ReferenceConvolution

  /// Small integers, so that every partial sum is one that a Float holds. Winograd's filter transform divides by 4, 6
  /// and 24 both ways, so a 3×3 kernel's weights are multiples of 24².
  init(integers configuration: Convolution.Configuration, _ shape: Shape, hasResidual: Bool = false) throws {
    let isDivided = configuration.kernel.height == 3 && configuration.kernel.width == 3
    try self.init(configuration, shape, hasResidual) { operand, count, generator in
      switch operand {
      case .weights where isDivided: generator.integers(count, in: -1...1).map { $0 * 576 }
      case .input where isDivided: generator.integers(count, in: -1...1)
      default: generator.integers(count)
      }
    }
  }

  /// Values of -1 to 1.
  init(random configuration: Convolution.Configuration, _ shape: Shape, hasResidual: Bool = false) throws {
    try self.init(configuration, shape, hasResidual) { _, count, generator in generator.floats(count) }
  }

  private enum Operand { case input, weights, bias, residual }

  private init(
    _ configuration: Convolution.Configuration, _ shape: Shape, _ hasResidual: Bool,
    _ make: (Operand, Int, inout SeededGenerator) -> [Float]
  ) throws {
    let c = configuration
    var generator = SeededGenerator(seed: 2)
    let weights = make(
      .weights, c.outputChannels * (c.inputChannels / c.groups) * c.kernel.height * c.kernel.width, &generator)
    let bias = make(.bias, c.outputChannels, &generator)
    let input = make(.input, shape.count, &generator)
    let outputShape = c.expectedShape(for: shape)
    let residual = hasResidual ? make(.residual, outputShape.count, &generator) : nil
    self.configuration = c
    self.weights = weights
    self.bias = bias
    self.input = try Tensor(shape: shape, values: input)
    self.residual = try residual.map { try Tensor(shape: outputShape, values: $0) }
    reference = ReferenceConvolution(c, input, shape, weights: weights, bias: bias, residual: residual)
  }

  func convolution(_ engine: Engine) throws -> Convolution {
    try Convolution(configuration, weights: weights, bias: bias, engine: engine)
  }

  func convolve(_ engine: Engine) throws -> Tensor { try convolution(engine)(input, adding: residual) }
}

extension Tensor {
  /// The tensor as channels `before...` of a wider one, whose other channels are NaN.
  func widened(before: Int, after: Int) throws -> Tensor {
    let width = before + shape.channels + after
    var values = [Float](repeating: .nan, count: shape.pixels * width)
    withUnsafeValues { source in
      for pixel in 0..<shape.pixels {
        for channel in 0..<shape.channels {
          values[pixel * width + before + channel] = source[pixel * shape.channels + channel]
        }
      }
    }
    return try Tensor(shape: shape.withChannels(width), values: values)
  }

  /// Those channels of every pixel.
  func channels(_ range: Range<Int>) -> [Float] {
    withUnsafeValues { source in
      (0..<shape.pixels).flatMap { pixel in range.map { source[pixel * shape.channels + $0] } }
    }
  }
}

extension Shape {
  func withChannels(_ channels: Int) -> Shape {
    Shape(batch: batch, height: height, width: width, channels: channels)
  }
}
