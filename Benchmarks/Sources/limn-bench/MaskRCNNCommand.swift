import Annotate
import ArgumentParser
import Glibc

/// Runs Mask R-CNN on one photograph, or serves it to `peers/measure_maskrcnn.py`.
struct MaskRCNNCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "maskrcnn", abstract: "Times Mask R-CNN.")

  @Option(help: "The weight file.") var weights: String
  @Option(help: "The photograph.") var photo: String
  @Option(help: "The shorter side inside the network.") var minSize = 800
  @Option(help: "The longest side inside the network.") var maxSize = 1333
  @Option(help: "Threads.") var threads = 1
  @Option(help: "baseline, avx2 or avx512; the CPU's highest by default.") var level: String?
  @Option(help: "Inferences.") var rounds = 3

  func run() throws {
    let engine = try Engine(level: try level.map(parsedLevel), threads: threads)
    let network = try MaskRCNN(weights: weights, engine: engine)
    let image = try ImageFile.decode(path: photo)
    let options = MaskRCNN.Options(minSize: minSize, maxSize: maxSize)
    for detection in try network.detect(image, options: options).prefix(12) {
      print(detection.classID, detection.label, detection.score, detection.box)
    }
    let timing = try Timing(rounds: rounds) { _ = try network.detect(image, options: options) }
    print(
      "\(engine.level.name), \(threads) threads: best", column(timing.best * 1e3, 1, width: 7), "ms, median",
      column(timing.median * 1e3, 1, width: 7), "ms")
  }
}
