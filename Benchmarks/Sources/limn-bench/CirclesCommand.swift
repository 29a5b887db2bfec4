import Annotate
import ArgumentParser

/// Times the search for circles in a decoded picture, stage by stage or as a whole, or writes what each stage gives.
struct CirclesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "circles", abstract: "Times the search for circles in a decoded picture.")

  @Argument(help: "The picture.") var picture: String
  @Option(help: "Threads.") var threads = 1
  @Option(help: "baseline, avx2 or avx512; the CPU's highest by default.") var level: String?
  @Option(help: "Searches.") var rounds = 5
  @Option(help: "Pixels to one cell of the accumulator.") var resolution: Float = 1
  @Option(help: "Pixels between two centres.") var minDistance: Float = 20
  @Option(help: "The upper threshold of edges.") var edgeThreshold = 50
  @Option(help: "Votes that a circle must exceed.") var votes = 30
  @Option(help: "The least radius.") var minRadius = 10
  @Option(help: "The largest radius.") var maxRadius = 100
  @Option(help: "The size of the Gaussian blur.") var blur = 9
  @Option(help: "The size of a median blur instead.") var median: Int?
  @Option(help: "The standard deviation of the blur.") var sigma = 2.0
  @Option(help: "The folder for gray, blur, dx, dy and edges as raw samples, and for circles.txt.") var stages: String?
  @Flag(help: "Answer the lines `run` from standard input.") var serve = false

  func run() throws {
    let engine = try Engine(level: try level.map(parsedLevel), threads: threads)
    let image = try ImageFile.decode(path: picture)
    let transform = HoughCircles(
      resolution: resolution, minDistance: minDistance, edgeThreshold: edgeThreshold, votes: votes,
      minRadius: minRadius, maxRadius: maxRadius)
    let blur: Blur = median.map { .median(size: $0) } ?? .gaussian(size: self.blur, sigma: sigma)
    let search = CircleSearch(transform: transform, blur: blur)
    if let stages { return try write(image, search, to: stages, engine) }
    if serve {
      limn_bench.serve { _, _ in
      } run: {
        _ = try search(image, engine: engine)
      }
      return
    }
    let gray = image.grayscale(engine: engine)
    let smooth = try blur(gray, engine: engine)
    let edges = try CannyEdges(low: max(edgeThreshold / 2, 1), high: edgeThreshold)
    report("gray", Timing(rounds: rounds) { _ = image.grayscale(engine: engine) })
    report("blur", try Timing(rounds: rounds) { _ = try blur(gray, engine: engine) })
    report("edges", Timing(rounds: rounds) { _ = edges(smooth, engine: engine) })
    report("edges and circles", try Timing(rounds: rounds) { _ = try transform(smooth, engine: engine) })
    var count = 0
    report("all", try Timing(rounds: rounds) { count = try search(image, engine: engine).count })
    print("\(image.width)x\(image.height), \(engine.level.name), \(threads) threads: \(count) circles")
  }

  private func report(_ name: String, _ timing: Timing) {
    print(
      column(name, width: 18), "best", column(timing.best * 1e3, 2, width: 8), "ms, median",
      column(timing.median * 1e3, 2, width: 8), "ms")
  }

  private func write(_ image: Image, _ search: CircleSearch, to folder: String, _ engine: Engine) throws {
    let gray = image.grayscale(engine: engine)
    let smooth = try search.blur(gray, engine: engine)
    let gradient = SobelGradient(smooth, engine: engine)
    let edges = try CannyEdges(low: max(edgeThreshold / 2, 1), high: edgeThreshold)(smooth, engine: engine)
    try limn_bench.write(gray.pixels, to: folder + "/gray")
    try limn_bench.write(smooth.pixels, to: folder + "/blur")
    try limn_bench.write(gradient.horizontal, to: folder + "/dx")
    try limn_bench.write(gradient.vertical, to: folder + "/dy")
    try limn_bench.write(edges.pixels, to: folder + "/edges")
    let lines = try search(image, engine: engine).map { found in
      "\(found.circle.x) \(found.circle.y) \(found.circle.radius) \(found.support)\n"
    }
    try limn_bench.write(Array(lines.joined().utf8), to: folder + "/circles.txt")
  }
}
