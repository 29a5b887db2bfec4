import Annotate
import ArgumentParser

/// Runs Mask R-CNN on one photograph, or serves it to `peers/measure_maskrcnn.py`.
struct MaskRCNNCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "maskrcnn", abstract: "Times Mask R-CNN.")

  @Option(help: "The weight file.") var weights: String
  @Option(help: "The photograph; a generated picture of 640x480 when absent.") var photo: String?
  @Option(help: "The shorter side inside the network.") var minSize = 800
  @Option(help: "The longest side inside the network.") var maxSize = 1333
  @Option(help: "Threads.") var threads = 1
  @Option(help: "baseline, avx2 or avx512; the CPU's highest by default.") var level: String?
  @Option(help: "float32 or bfloat16.") var precision = "float32"
  @Option(help: "Inferences.") var rounds = 3
  @Flag(help: "Answer the lines `check IN OUT` and `run` from standard input.") var serve = false

  func run() throws {
    let engine = try Engine(level: try level.map(parsedLevel), threads: threads)
    let network = try MaskRCNN(weights: weights, precision: parsedPrecision(precision), engine: engine)
    var image = try photo.map { try ImageFile.decode(path: $0) } ?? generatedImage()
    let options = MaskRCNN.Options(minSize: minSize, maxSize: maxSize)
    if serve {
      limn_bench.serve { input, output in
        image = try Self.picture(input)
        try write(network.detect(image, options: options).flatMap(Self.row), to: output)
      } run: {
        _ = try network.detect(image, options: options)
      }
      return
    }
    let timing = try Timing(rounds: rounds) { _ = try network.detect(image, options: options) }
    print(
      "\(precision), \(engine.level.name), \(threads) threads: best", column(timing.best * 1e3, 1, width: 7),
      "ms, median",
      column(timing.median * 1e3, 1, width: 7), "ms")
  }

  private static func row(_ detection: Detection) -> [Float] {
    let box = detection.box
    return [
      box.x1, box.y1, box.x2, box.y2, Float(detection.classID), detection.score, Float(detection.mask?.area ?? 0),
    ]
  }

  /// Tensor `picture`, `[H, W, 3]` of whole numbers from 0 to 255, of a safetensors file.
  private static func picture(_ path: String) throws -> Image {
    let file = try WeightFile(path: path)
    guard let shape = file.entry("picture")?.shape, shape.count == 3, shape[2] == 3 else {
      throw ValidationError("\(path) has no tensor picture [H, W, 3]")
    }
    let pixels = try file.floats("picture").map { UInt8(max(0, min(255, $0))) }
    return try Image(width: shape[1], height: shape[0], pixels: pixels)
  }
}
