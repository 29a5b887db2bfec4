import Annotate
import ArgumentParser
import Synchronization

struct CirclesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "circles", abstract: "Finds coins and other circles by the Hough transform, without weights.",
    discussion:
      "Lengths are in pixels of the searched image: with --max-side that of the reduced copy, else the image itself.")

  @OptionGroup var input: InputOptions

  @OptionGroup var output: OutputOptions

  @Option(name: .customLong("min-radius"), parsing: .unconditional, help: "The smallest radius in pixels.")
  var minRadius = 10

  @Option(name: .customLong("max-radius"), parsing: .unconditional, help: "The largest radius in pixels.")
  var maxRadius = 100

  @Option(
    name: .customLong("min-distance"), parsing: .unconditional,
    help: "The least distance between two centres in pixels; of closer circles the one with more support is kept.")
  var minDistance: Float = 20

  @Option(
    name: .customLong("edge-threshold"), parsing: .unconditional,
    help: "The upper threshold of the Canny edges; the lower one is half of it.")
  var edgeThreshold = 50

  @Option(
    parsing: .unconditional,
    help: "The votes of edge pixels that a circle must exceed: lower values find more circles, also false ones.")
  var votes = 30

  @Option(
    parsing: .unconditional, help: "The size of an accumulator cell in pixels, 1 to 1000 (OpenCV's dp).")
  var resolution: Float = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The blur before the search: SIZE or SIZE:SIGMA (Gaussian; SIZE odd, 1 to 31), median:3, median:5 or 0.",
      valueName: "blur"))
  var blur = "9:2"

  @Option(help: "The class name of the circles.")
  var label = "coin"

  @Option(
    name: .customLong("max-side"), parsing: .unconditional,
    help: "Search a copy whose longer side is reduced to this number of pixels. Default: search the image itself.")
  var maxSide: Int?

  @Flag(
    help: "Decode JPEG images larger than --max-side at 1/2, 1/4 or 1/8 of their size: faster, slightly different.")
  var fastDecode = false

  @Option(
    parsing: .unconditional,
    help: "The least score of a circle, 0 to 1: the visible share of its outline.")
  var confidence: Float = 0

  @Option(
    name: .customLong("max-detections"), parsing: .unconditional,
    help: "The largest number of circles per image. Default: no limit.")
  var maxDetections: Int?

  @Flag(help: "Write circles as polygons in the formats of COCO and YOLO, instead of run lengths and boxes.")
  var polygons = false

  @Flag(help: "Print a histogram of the radii, in pixels of the searched copy, to standard error.")
  var report = false

  func validate() throws {
    for (option, radius) in [("--min-radius", minRadius), ("--max-radius", maxRadius)]
    where !(1...HoughCircles.largestRadius).contains(radius) {
      throw ValidationError("\(option) must be 1 to \(HoughCircles.largestRadius), got \(radius)")
    }
    guard minRadius <= maxRadius else {
      throw ValidationError("--min-radius must be at most --max-radius, \(maxRadius), got \(minRadius)")
    }
    guard minDistance > 0, minDistance.isFinite else {
      throw ValidationError("--min-distance must be a finite number above 0, got \(minDistance)")
    }
    guard edgeThreshold >= 1 else {
      throw ValidationError("--edge-threshold must be at least 1, got \(edgeThreshold)")
    }
    guard votes >= 1 else { throw ValidationError("--votes must be at least 1, got \(votes)") }
    guard resolution >= 1, resolution.isFinite else {
      throw ValidationError("--resolution must be 1 to \(Int(HoughCircles.coarsestResolution)), got \(resolution)")
    }
    guard !label.isEmpty else { throw ValidationError("--label must not be empty") }
    if let maxSide, maxSide < 1 { throw ValidationError("--max-side must be at least 1, got \(maxSide)") }
    guard !fastDecode || maxSide != nil else {
      throw ValidationError("--fast-decode needs --max-side, the size down to which images are reduced")
    }
    try validated { try options().validate() }
  }

  /// The detector's options.
  func options() throws(CommandError) -> CircleDetector.Options {
    CircleDetector.Options(
      resolution: resolution, minDistance: minDistance, edgeThreshold: edgeThreshold, votes: votes,
      minRadius: minRadius, maxRadius: maxRadius, blur: try Blur(argument: blur), maxSide: maxSide,
      confidence: confidence, maxDetections: maxDetections ?? .max)
  }

  func run() async throws {
    let histogram = Mutex(RadiusHistogram())
    let options = try options()
    var job = output.job(
      segmentation: polygons ? .polygons : .runLengths, yoloCircles: polygons ? .polygons : .boxes,
      reducedSide: fastDecode ? maxSide : nil)
    job.imageIDs = try output.imageIDs()
    try await input.annotate(job, quiet: output.quiet) { engine in
      try CircleDetector(label: label, engine: engine)
    } options: { _ in
      options
    } onAnnotated: { image in
      let scale = CircleDetector.scale(width: image.width, height: image.height, maxSide: options.maxSide)
      histogram.withLock { $0.add(image.detections, scale: scale) }
    } afterwards: {
      if report { StandardError.write(histogram.withLock(\.text)) }
    }
  }
}
