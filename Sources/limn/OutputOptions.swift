import Annotate
import ArgumentParser

extension AnnotationFormat: ExpressibleByArgument {}
extension VOCWriter.Base: ExpressibleByArgument {}

/// The options of every annotating command that say what is written, and how loudly.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "The annotations to write.")
  var format = AnnotationFormat.json

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "A file, or a folder for formats with one file an image. Default, and -: standard output.", valueName: "path"))
  var output: String?

  @Option(help: ArgumentHelp("Write each image with its annotations drawn on it.", valueName: "folder"))
  var overlay: String?

  @Option(name: .customLong("voc-base"), help: "The first pixel of VOC boxes: 1 as the devkit counts, or 0.")
  var vocBase = VOCWriter.Base.one

  @Flag(help: "No progress bar and no notes.")
  var quiet = false

  @Flag(help: "Stop at the first image that fails.")
  var failFast = false

  /// What the options ask for.
  var job: AnnotationJob {
    AnnotationJob(
      format: format, output: output == "-" ? nil : output, overlay: overlay, vocBase: vocBase, failFast: failFast)
  }

  func validate() throws {
    do {
      try job.validate()
    } catch {
      throw ValidationError(error.description)
    }
  }
}
