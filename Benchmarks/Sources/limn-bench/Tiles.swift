import ArgumentParser
import Tensor

/// Times the register tile alone: a product whose operands stay in the cache, no activation.
struct Tiles: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Times the register tile of each level on cached operands, as a share of the multiply-add peak.")

  @Option(help: "Input channels, the depth of the product.") var depth = 576
  @Option(help: "Products a run.") var rounds = 400

  func run() throws {
    for level in Engine.availableLevels {
      let engine = try Engine(level: level, threads: 1)
      let shape = Shape(height: 8, width: 12, channels: depth)
      let input = try Tensor(shape: shape, values: pseudorandom(shape.count))
      var output = try Tensor(shape: Shape(height: 8, width: 12, channels: 64))
      let product = try Convolution(
        .init(inputChannels: depth, outputChannels: 64), weights: pseudorandom(64 * depth), engine: engine)
      // The machine is shared and its clock moves: the best of each, measured in turns.
      var (peak, rate) = (0.0, 0.0)
      for _ in 0..<10 {
        peak = max(peak, engine.multiplyAddPeak())
        let timing = try Timing(rounds: rounds) { try product(input, into: &output) }
        rate = max(rate, 2 * Double(shape.count * 64) / timing.best * 1e-9)
      }
      print(
        column(level.name, width: 9), column(rate, 1, width: 6), "GFLOP/s,",
        column(rate / peak * 100, 1, width: 5), "% of the peak,", column(peak, 1, width: 6))
    }
  }
}
