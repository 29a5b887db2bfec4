import ArgumentParser
import Tensor

/// A convolution of YOLOv5s at 640x640, and how often the network has it.
struct Layer {
  var count: Int
  var side: Int
  var input: Int
  var output: Int
  var kernel = 1
  var stride = 1

  static let yolov5s: [Layer] = [
    Layer(count: 1, side: 640, input: 3, output: 32, kernel: 6, stride: 2),
    Layer(count: 1, side: 320, input: 32, output: 64, kernel: 3, stride: 2),
    Layer(count: 2, side: 160, input: 64, output: 64),
    Layer(count: 1, side: 160, input: 32, output: 32),
    Layer(count: 1, side: 160, input: 32, output: 32, kernel: 3),
    Layer(count: 1, side: 160, input: 64, output: 128, kernel: 3, stride: 2),
    Layer(count: 3, side: 80, input: 128, output: 128),
    Layer(count: 1, side: 80, input: 256, output: 128),
    Layer(count: 3, side: 80, input: 64, output: 64),
    Layer(count: 3, side: 80, input: 64, output: 64, kernel: 3),
    Layer(count: 1, side: 80, input: 128, output: 256, kernel: 3, stride: 2),
    Layer(count: 1, side: 80, input: 128, output: 128, kernel: 3, stride: 2),
    Layer(count: 5, side: 40, input: 256, output: 256),
    Layer(count: 1, side: 40, input: 256, output: 128),
    Layer(count: 1, side: 40, input: 512, output: 256),
    Layer(count: 5, side: 40, input: 128, output: 128),
    Layer(count: 5, side: 40, input: 128, output: 128, kernel: 3),
    Layer(count: 1, side: 40, input: 256, output: 512, kernel: 3, stride: 2),
    Layer(count: 1, side: 40, input: 256, output: 256, kernel: 3, stride: 2),
    Layer(count: 4, side: 20, input: 512, output: 512),
    Layer(count: 2, side: 20, input: 512, output: 256),
    Layer(count: 2, side: 20, input: 256, output: 256),
    Layer(count: 2, side: 20, input: 256, output: 256, kernel: 3),
    Layer(count: 1, side: 20, input: 1024, output: 512),
    Layer(count: 1, side: 80, input: 128, output: 255),
    Layer(count: 1, side: 40, input: 256, output: 255),
    Layer(count: 1, side: 20, input: 512, output: 255),
  ]
}

struct KernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Times every convolution of YOLOv5s at 640x640, with its share of the multiply-add peak, and the others.",
    discussion: "Every result is compared with plain loops first.")

  @Option(help: "baseline, avx2 or avx512; the CPU's highest by default.") var level: String?
  @Flag(help: "Leave the activation out.") var plain = false
  @Option(help: "Threads.") var threads = 1
  @Option(help: "Runs of each layer.") var rounds = 20

  func run() throws {
    let engine = try Engine(level: try level.map(parsedLevel), threads: threads)
    print("level \(engine.level.name), \(threads) threads")
    var kinds: [(name: String, seconds: Double, operations: Double)] = []
    var bestPeak = 0.0
    for layer in Layer.yolov5s {
      let padding = layer.kernel == 6 ? 0 : layer.kernel / 2
      let side = layer.kernel == 6 ? 644 : layer.side
      let weights = pseudorandom(layer.output * layer.input * layer.kernel * layer.kernel)
      let convolution = try Convolution(
        .init(
          inputChannels: layer.input, outputChannels: layer.output, kernel: Extent(layer.kernel),
          stride: Extent(layer.stride),
          padding: Extent(padding), activation: plain || layer.output == 255 ? .none : .silu),
        weights: weights, engine: engine)
      let shape = Shape(height: side, width: side, channels: layer.input)
      let input = try Tensor(shape: shape, values: pseudorandom(shape.count))
      let outputShape = try convolution.outputShape(for: shape)
      var output = try Tensor(shape: outputShape)
      try convolution(input, into: &output)
      try PlainConvolution(configuration: convolution.configuration, weights: weights).check(output, of: input)
      let before = engine.multiplyAddPeak()
      let timing = try Timing(rounds: rounds) { try convolution(input, into: &output) }
      let peak = max(before, engine.multiplyAddPeak())
      let operations = 2.0 * Double(outputShape.count * layer.input * layer.kernel * layer.kernel)
      let rate = operations / timing.best * 1e-9
      bestPeak = max(bestPeak, peak)
      for name in ["\(layer.kernel)x\(layer.kernel)/\(layer.stride)", "all"] {
        let kind = kinds.firstIndex { $0.name == name } ?? kinds.endIndex
        if kind == kinds.endIndex { kinds.append((name, 0, 0)) }
        kinds[kind].seconds += timing.best * Double(layer.count)
        kinds[kind].operations += operations * Double(layer.count)
      }
      print(
        "\(layer.count) x", column("\(layer.side)x\(layer.side)", width: 8),
        column("\(layer.kernel)x\(layer.kernel)/\(layer.stride)", width: 6),
        column("\(layer.input) -> \(layer.output)", width: 12), column(timing.best * 1e3, 3, width: 8), "ms",
        column(rate, 1, width: 7), "GFLOP/s", column(rate / peak / Double(threads) * 100, 1, width: 6), "% of",
        column(peak, 0, width: 3))
    }
    // Winograd needs a quarter of the multiplications, so its share may pass 100 %.
    for kind in kinds.sorted(by: { $0.name < $1.name }) {
      let rate = kind.operations / kind.seconds * 1e-9
      print(
        column("\(kind.name):", width: 7), column(kind.seconds * 1e3, 1, width: 7), "ms,", column(rate, 1, width: 6),
        "GFLOP/s,", column(rate / bestPeak / Double(threads) * 100, 1, width: 6), "% of", column(bestPeak, 0, width: 3))
    }
    try OtherKernels(engine: engine, rounds: rounds).run()
  }
}

/// Reproducible values in -1...1.
func pseudorandom(_ count: Int) -> [Float] {
  var state: UInt64 = 0x9E37_79B9_7F4A_7C15
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648
  }
}
