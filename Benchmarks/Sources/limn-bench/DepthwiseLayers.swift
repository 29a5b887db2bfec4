import ArgumentParser
import Tensor

/// Times depthwise convolutions, with the share of what the CPU allows: as many bytes a second as a pass over memory
/// that multiplies each number once, or the peak of multiply-adds, whichever takes longer.
struct DepthwiseLayers {
  let engine: Engine
  let rounds: Int

  func run() throws {
    for (side, channels) in [(112, 32), (56, 144), (28, 192), (14, 576), (7, 960), (448, 96)] {
      for (kernel, stride) in [(3, 1), (3, 2), (5, 1)] { try time(side, channels, kernel, stride) }
    }
  }

  private func time(_ side: Int, _ channels: Int, _ kernel: Int, _ stride: Int) throws {
    let weights = pseudorandom(channels * kernel * kernel)
    let convolution = try Convolution(
      .init(
        inputChannels: channels, outputChannels: channels, kernel: Extent(kernel), stride: Extent(stride),
        padding: Extent(kernel / 2), groups: channels, activation: .relu6),
      weights: weights, engine: engine)
    let shape = Shape(height: side, width: side, channels: channels)
    let input = try Tensor(shape: shape, values: pseudorandom(shape.count))
    let outputShape = try convolution.outputShape(for: shape)
    var output = try Tensor(shape: outputShape)
    try convolution(input, into: &output)
    for (y, x, channel) in [(0, 0, 0), (outputShape.height - 1, outputShape.width / 2, channels - 1)] {
      var sum = 0.0
      for u in 0..<kernel {
        for v in 0..<kernel {
          let (row, column) = (y * stride - kernel / 2 + u, x * stride - kernel / 2 + v)
          guard (0..<side).contains(row), (0..<side).contains(column) else { continue }
          sum += Double(input[0, row, column, channel]) * Double(weights[(channel * kernel + u) * kernel + v])
        }
      }
      try require(abs(Double(output[0, y, x, channel]) - min(max(sum, 0), 6)) <= 1e-4, "a depthwise convolution")
    }
    let scaling = ChannelScaling(engine: engine)
    let factors = try Tensor(shape: Shape(height: 1, width: 1, channels: channels), repeating: 1)
    var copy = try scaling(input, by: factors)
    let pass = try Timing(rounds: 10 * rounds) { try scaling(input, by: factors, into: &copy) }.best
    let seconds = try Timing(rounds: 10 * rounds) { try convolution(input, into: &output) }.best
    let operations = Double(2 * outputShape.count * kernel * kernel)
    let bandwidth = Double(8 * shape.count) / pass
    let byMemory = Double(4 * (shape.count + outputShape.count)) / bandwidth
    let byArithmetic = operations / (engine.multiplyAddPeak() * 1e9 * Double(engine.threads))
    print(
      "depthwise \(kernel)x\(kernel)/\(stride)", column("\(side)x\(side), \(channels) channels", width: 24),
      column(seconds * 1e6, 1, width: 9), "us,", column(operations / seconds * 1e-9, 1, width: 6), "GFLOP/s,",
      column(bandwidth * 1e-9, 0, width: 4), "GB/s allowed, memory takes", column(byMemory * 1e6, 1, width: 8),
      "us, arithmetic", column(byArithmetic * 1e6, 1, width: 8), "us:",
      column(max(byMemory, byArithmetic) / seconds * 100, 0, width: 4), "%")
  }
}
