import Annotate
import ArgumentParser
import Files

extension AnnotationFormat: ExpressibleByArgument {}
extension VOCWriter.Base: ExpressibleByArgument {}

/// The options for the output of all annotating commands.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "The annotations to write.")
  var format = AnnotationFormat.json

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "A file, or a folder for formats with a file per image. Default, and -: standard output.", valueName: "path"))
  var output: String?

  @Option(help: ArgumentHelp("Write each image with its annotations drawn on it.", valueName: "folder"))
  var overlay: String?

  @Option(name: .customLong("voc-base"), help: "The number of the first pixel in VOC boxes: 1 as in the devkit, or 0.")
  var vocBase = VOCWriter.Base.one

  @Option(
    help: ArgumentHelp(
      "For COCO's formats: an existing COCO file whose image ids are used, by file name.", valueName: "file"))
  var ids: String?

  @Flag(help: "No progress bar and no notes.")
  var quiet = false

  @Flag(help: "Stop at the first image that fails.")
  var failFast = false

  /// The job that the options describe.
  func job(
    segmentation: SegmentationEncoding = .runLengths, yoloCircles: YOLOWriter.CircleForm = .boxes,
    reducedSide: Int? = nil
  ) -> AnnotationJob {
    let target: OutputTarget =
      switch output {
      case nil, "-": .standardOutput
      case let path?: format.isOneDocument ? .file(path) : .folder(path)
      }
    let options = FormatOptions(segmentation: segmentation, vocBase: vocBase, yoloCircles: yoloCircles)
    var job = AnnotationJob(outputs: [.init(format, to: target, options: options)], overlay: overlay)
    job.stopsAtFirstFailure = failFast
    job.reducedSide = reducedSide
    if let ids { job.protectedFiles.append(.init(path: ids, role: "the file of ids")) }
    return job
  }

  /// The image ids of `--ids`.
  func imageIDs() throws(CommandError) -> COCOImageIDs? {
    guard let ids else { return nil }
    do { return try COCOImageIDs(path: ids) } catch { throw CommandError("\(error)") }
  }

  func validate() throws {
    if ids?.isEmpty == true { throw ValidationError("--ids is empty") }
    if ids != nil, format != .coco, format != .cocoResults {
      throw ValidationError("--ids is only for the formats coco and coco-results; \(format.rawValue) has no image ids")
    }
    do {
      try job().validate()
    } catch {
      throw ValidationError(error.description.printable)
    }
  }
}
