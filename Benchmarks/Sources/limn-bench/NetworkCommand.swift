import ArgumentParser
import Networks
import Tensor

/// Times whole inferences, or serves them one by one to `peers/measure.py`.
struct NetworkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network", abstract: "Times YOLOv5 on an input of a given size, without pictures.")

  @Option(help: "The weight file.") var weights: String
  @Option(parsing: .upToNextOption, help: "The input's side, or its height and width.") var size = [640]
  @Option(help: "Threads.") var threads = 1
  @Option(help: "baseline, avx2 or avx512; the CPU's highest by default.") var level: String?
  @Option(help: "float32, bfloat16 or int8.") var precision = "float32"
  @Option(help: "Inferences.") var rounds = 20
  @Flag(help: "Answer the lines `check IN OUT` and `run` from standard input.") var serve = false

  func run() throws {
    let engine = try Engine(level: try level.map(parsedLevel), threads: threads)
    let network = try YOLOv5(weights: weights, precision: parsedPrecision(precision), engine: engine)
    let shape = Shape(height: size[0], width: size.last ?? size[0], channels: 3)
    var input = try Tensor(shape: shape, values: pseudorandom(shape.count).map { ($0 + 1) / 2 })
    var prediction = try network.predict(input)
    guard serve else {
      let timing = try Timing(rounds: rounds) { try network.predict(input, into: &prediction) }
      print(
        "\(precision), \(engine.level.name), \(threads) threads: best", column(timing.best * 1e3, 2, width: 7),
        "ms, median",
        column(timing.median * 1e3, 2, width: 7), "ms")
      return
    }
    limn_bench.serve { path, output in
      input = try Self.input(path)
      prediction = try network.predict(input)
      try write(prediction.values, to: output)
    } run: {
      try network.predict(input, into: &prediction)
    }
  }

  /// Tensor `input`, `[1, 3, H, W]`, of a safetensors file.
  static func input(_ path: String) throws -> Tensor {
    let file = try WeightFile(path: path)
    guard let shape = file.entry("input")?.shape, shape.count == 4, shape[0] == 1, shape[1] == 3 else {
      throw ValidationError("\(path) has no tensor input [1, 3, H, W]")
    }
    let planes = try file.floats("input")
    let area = shape[2] * shape[3]
    let values = (0..<area * 3).map { planes[$0 % 3 * area + $0 / 3] }
    return try Tensor(shape: Shape(height: shape[2], width: shape[3], channels: 3), values: values)
  }
}
