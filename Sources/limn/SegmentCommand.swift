import Annotate
import ArgumentParser

struct SegmentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment", abstract: "Finds objects with Mask R-CNN: labelled boxes and masks.")

  @OptionGroup var network: NetworkOptions

  @OptionGroup var output: OutputOptions

  @Option(parsing: .unconditional, help: "What the score of a detection must exceed, 0 to 1.")
  var confidence: Float = 0.05

  @Option(
    parsing: .unconditional, help: "The overlap above which the lesser of two boxes of a class is dropped, 0 to 1.")
  var iou: Float = 0.5

  @Option(name: .customLong("max-detections"), parsing: .unconditional, help: "The most detections of an image.")
  var maxDetections = 100

  @Option(
    name: .customLong("min-size"), parsing: .unconditional,
    help: "Pixels of an image's shorter side inside the network. Default: the weights' own, else 800.")
  var minSize: Int?

  @Option(
    name: .customLong("max-size"), parsing: .unconditional,
    help: "The most pixels of its longer side inside the network. Default: the weights' own, else 1333.")
  var maxSize: Int?

  @Option(
    name: .customLong("mask-threshold"), parsing: .unconditional,
    help: "The least probability of a mask's pixels, 0 to 1.")
  var maskThreshold: Float = 0.5

  @Flag(help: "Write masks as polygons in COCO's formats, where they have no holes, not as run lengths.")
  var polygons = false

  @Option(help: ArgumentHelp("A text with a class name a line, the background left out.", valueName: "file"))
  var labels: String?

  func validate() throws {
    try validated { try options(classes: nil).validate() }
  }

  private func options(classes: Set<Int>?) -> MaskRCNN.Options {
    MaskRCNN.Options(
      confidence: confidence, iou: iou, maxDetections: maxDetections, minSize: minSize, maxSize: maxSize,
      maskThreshold: maskThreshold, classes: classes)
  }

  func run() async throws {
    let names = try labels.map { try LabelFile.names($0) }
    var job = output.job(segmentation: polygons ? .polygons : .runLengths)
    job.imageIDs = try output.imageIDs()
    try await network.annotate(job, quiet: output.quiet, default: .maskRCNN, labels: labels) {
      try MaskRCNN(
        weights: $0, labels: names.map { ["__background__"] + $0 }, precision: network.precision, engine: $1)
    } options: { classes in
      options(classes: classes)
    }
  }
}
