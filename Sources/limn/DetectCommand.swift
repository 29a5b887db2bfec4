import Annotate
import ArgumentParser

struct DetectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detect", abstract: "Finds objects with YOLOv5 and writes labelled boxes.")

  /// The largest side of the letterbox, in pixels.
  static let largestSize = 4096
  /// The network's largest stride, of which the sides of the letterbox are multiples.
  static let stride = 32

  @OptionGroup var network: NetworkOptions

  @OptionGroup var output: OutputOptions

  @Option(parsing: .unconditional, help: "The score that a detection must exceed, 0 to 1.")
  var confidence: Float = 0.25

  @Option(
    parsing: .unconditional, help: "The overlap (IoU), 0 to 1, above which the box of lower score is dropped.")
  var iou: Float = 0.45

  @Option(
    name: .customLong("max-detections"), parsing: .unconditional, help: "The largest number of detections per image.")
  var maxDetections = 1000

  @Flag(help: "Let boxes of different classes suppress each other.")
  var agnostic = false

  @Flag(help: "Report a box once for every class above the confidence, not only for the best one.")
  var multiLabel = false

  @Option(
    parsing: .unconditional, help: "The side that images are scaled to, 1 to 4096, rounded up to a multiple of 32.")
  var size = 640

  @Flag(help: "Pad images to a square, not to the next multiple of 32.")
  var square = false

  @Flag(
    help: "Decode JPEG images larger than --size at 1/2, 1/4 or 1/8 of their size: faster, boxes differ slightly.")
  var fastDecode = false

  func validate() throws {
    guard (1...Self.largestSize).contains(size) else {
      throw ValidationError("--size must be 1 to \(Self.largestSize), got \(size)")
    }
    try validated { try options(classes: nil).validate() }
  }

  private func options(classes: Set<Int>?) -> YOLOv5.Options {
    YOLOv5.Options(
      confidence: confidence, iou: iou, maxDetections: maxDetections, size: roundedSize, square: square,
      multiLabel: multiLabel, agnostic: agnostic, classes: classes)
  }

  /// The side of the letterbox: `size` rounded up to a multiple of the stride.
  var roundedSize: Int { (size + Self.stride - 1) / Self.stride * Self.stride }

  func run() async throws {
    let notes =
      roundedSize == size ? [] : ["--size \(size) is not a multiple of \(Self.stride); using \(roundedSize)"]
    var job = output.job(reducedSide: fastDecode ? roundedSize : nil)
    job.imageIDs = try output.imageIDs()
    try await network.annotate(job, quiet: output.quiet, default: .yolov5, notes: notes) {
      try YOLOv5(weights: $0, precision: network.precision, engine: $1)
    } options: { classes in
      options(classes: classes)
    }
  }
}
