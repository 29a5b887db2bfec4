import Annotate
import ArgumentParser
import Synchronization

struct CirclesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "circles", abstract: "Finds coins and other circles by the Hough transform, without weights.",
    discussion:
      "Lengths are in pixels of the copy that is searched: with --max-side a reduced one, else the image itself.")

  @OptionGroup var input: InputOptions

  @OptionGroup var output: OutputOptions

  @Option(name: .customLong("min-radius"), parsing: .unconditional, help: "The least radius in pixels.")
  var minRadius = 10

  @Option(name: .customLong("max-radius"), parsing: .unconditional, help: "The largest radius in pixels.")
  var maxRadius = 100

  @Option(
    name: .customLong("min-distance"), parsing: .unconditional,
    help: "The least distance between two centres in pixels; of nearer circles the better supported stays.")
  var minDistance: Float = 20

  @Option(
    name: .customLong("edge-threshold"), parsing: .unconditional,
    help: "The gradient of a sure edge; edges that touch one need half of it.")
  var edgeThreshold = 50

  @Option(
    parsing: .unconditional,
    help: "The votes of edge pixels that a circle must exceed: fewer find more, false ones too.")
  var votes = 30

  @Option(parsing: .unconditional, help: "Pixels to a cell of the search for centres, 1 to 1000 (OpenCV's dp).")
  var resolution: Float = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Smooths first: SIZE or SIZE:SIGMA of a Gaussian, SIZE odd, 1 to 31; median:3 or median:5; 0 for none.",
      valueName: "blur"))
  var blur = "9:2"

  @Option(help: "The name of what is found.")
  var label = "coin"

  @Option(
    name: .customLong("max-side"), parsing: .unconditional,
    help: "Search a copy whose longer side is reduced to this many pixels. Default: the image itself.")
  var maxSide: Int?

  @Flag(
    help: "Decode JPEG images larger than --max-side at 1/2, 1/4 or 1/8 of theirs: faster, circles differ a little.")
  var fastDecode = false

  @Option(
    parsing: .unconditional,
    help: "The least score of a circle: the share of its outline that edge pixels support, 0 to 1.")
  var confidence: Float = 0

  @Option(
    name: .customLong("max-detections"), parsing: .unconditional,
    help: "The most circles of an image. Default: no limit.")
  var maxDetections: Int?

  @Flag(help: "Write circles as polygons in COCO's formats and YOLO's, not as run lengths and boxes.")
  var polygons = false

  @Flag(help: "Print a histogram of the radii found, in pixels of the searched copy, on standard error.")
  var report = false

  func validate() throws {
    for (option, radius) in [("--min-radius", minRadius), ("--max-radius", maxRadius)]
    where !(1...HoughCircles.largestRadius).contains(radius) {
      throw ValidationError("\(option) lies between 1 and \(HoughCircles.largestRadius), got \(radius)")
    }
    guard minRadius <= maxRadius else {
      throw ValidationError("--min-radius is at most --max-radius, \(maxRadius), got \(minRadius)")
    }
    guard minDistance > 0, minDistance.isFinite else {
      throw ValidationError("--min-distance is a finite number above 0, got \(minDistance)")
    }
    guard edgeThreshold >= 1 else { throw ValidationError("--edge-threshold is at least 1, got \(edgeThreshold)") }
    guard votes >= 1 else { throw ValidationError("--votes is at least 1, got \(votes)") }
    guard resolution >= 1, resolution.isFinite else {
      throw ValidationError("--resolution is at least 1, got \(resolution)")
    }
    guard !label.isEmpty else { throw ValidationError("--label is empty") }
    if let maxSide, maxSide < 1 { throw ValidationError("--max-side is at least 1, got \(maxSide)") }
    guard !fastDecode || maxSide != nil else {
      throw ValidationError("--fast-decode needs --max-side, below which no image is decoded")
    }
    try validated { try options().validate() }
  }

  /// What the detector is to find.
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
