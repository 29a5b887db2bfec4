import Annotate
import ArgumentParser

struct SegmentCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment", abstract: "Finds objects with Mask R-CNN: labelled boxes and masks.")

  @OptionGroup var network: NetworkOptions

  @OptionGroup var output: OutputOptions

  @Option(parsing: .unconditional, help: "The score that a detection must exceed, 0 to 1.")
  var confidence: Float = 0.05

  @Option(
    parsing: .unconditional,
    help: "The overlap (IoU), 0 to 1, above which the box of lower score is dropped, of two boxes of a class.")
  var iou: Float = 0.5

  @Option(
    name: .customLong("max-detections"), parsing: .unconditional, help: "The largest number of detections per image.")
  var maxDetections = 100

  @Option(
    name: .customLong("min-size"), parsing: .unconditional,
    help: "The length to which an image's shorter side is scaled, in pixels. Default: that of the weights, else 800.")
  var minSize: Int?

  @Option(
    name: .customLong("max-size"), parsing: .unconditional,
    help: "The largest length of the longer side after scaling, in pixels. Default: that of the weights, else 1333.")
  var maxSize: Int?

  @Option(
    name: .customLong("mask-threshold"), parsing: .unconditional,
    help: "The least probability of a pixel in a mask, 0 to 1.")
  var maskThreshold: Float = 0.5

  @Flag(help: "Write masks without holes as polygons in COCO's formats, instead of run lengths.")
  var polygons = false

  @Option(
    help: ArgumentHelp("A text file with the class names, one per line, without the background.", valueName: "file"))
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
        weights: $0, labels: names.map { [Detection.backgroundLabel] + $0 }, precision: network.precision, engine: $1)
    } options: { classes in
      options(classes: classes)
    }
  }
}
