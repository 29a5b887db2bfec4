import Tensor
import TensorTestSupport
import TestSupport
import Testing

/// Winograd's filtering of bfloat16 maps with bfloat16 products: all that is not exact is the rounding of the
/// transformed weights, which the reference repeats, and the order of the sums.
///
/// Pixels of -1, 0 and 1 transform to integers of at most 144, which bfloat16 holds. Weights that are multiples of 24²
/// transform to integers, which Float holds.
@Suite struct WinogradDotsTests {
  static let engines = Engine.availableLevels.filter { $0 == .avx512dot }

  /// Every extent of the last tiles, blocks of one tile and of many, and one to three panels.
  @Test(
    arguments: engines.flatMap { level in [1, 2].map { (level, $0) } },
    [(16, 16), (32, 48), (48, 80), (64, 144)])
  func roundsTheWeightsToTheNearest(
    _ engine: (level: InstructionSetLevel, threads: Int), _ channels: (inputs: Int, outputs: Int)
  ) throws {
    let engine = try Engine(level: engine.level, threads: engine.threads)
    for (height, width) in [(1, 1), (2, 3), (4, 4), (5, 6), (7, 9), (8, 11), (21, 22)] {
      let c = Convolution.Configuration(
        inputChannels: channels.inputs, outputChannels: channels.outputs, kernel: 3, padding: 1)
      let shape = Shape(batch: 2, height: height, width: width, channels: channels.inputs)
      var generator = SeededGenerator(seed: 7)
      let input = generator.integers(shape.count, in: -1...1)
      let weights = generator.integers(c.outputChannels * c.inputChannels * 9, in: -100...100).map { $0 * 576 }
      let bias = generator.integers(c.outputChannels)
      let convolution = try Convolution(
        c, weights: weights, bias: bias, format: MapFormat(.bfloat16), engine: engine)
      let found = engine.withWorkspace { workspace in
        let source = workspace.arena.tensor(shape, MapFormat(.bfloat16))
        for (index, value) in input.enumerated() {
          source.memory.storeBytes(of: value.bfloat16, toByteOffset: 2 * index, as: UInt16.self)
        }
        let target = workspace.arena.tensor(convolution.outputShape(of: shape))
        convolution(source, into: target, workspace)
        return (0..<target.shape.count).map { target.base[$0] }
      }
      let plain = ReferenceConvolution(c, input, shape, weights: weights, bias: bias)
      let rounded = roundedWinograd(input, shape, weights, bias)
      #expect(
        mismatch(found, rounded, magnitudes: plain.magnitudes, .winogradConvolution) == nil,
        "\(channels.inputs) to \(channels.outputs) channels, \(height)x\(width)")
    }
  }
}
