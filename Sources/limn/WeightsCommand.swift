import Annotate
import ArgumentParser
import Files

struct WeightsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weights", abstract: "Fetches official weight files, looks into weight files and converts them.",
    subcommands: [
      WeightsListCommand.self, WeightsFetchCommand.self, Inspect.self, Convert.self, WeightsQuantizeCommand.self,
    ])

  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows a weight file's architecture, classes, parameters and tensors.")

    @Argument(help: "A .safetensors, .pt or .pth file, or a name of `limn weights list` that was fetched.")
    var file: String

    func run() throws {
      let path = try WeightArgument.path(file)
      let report: String
      do {
        report = try WeightReport.text(of: path)
      } catch {
        throw CommandError("\(error)")
      }
      try StandardOutput.write(report)
    }
  }

  struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Converts a checkpoint to safetensors, with class names and the like as metadata.")

    @Argument(help: "A .safetensors, .pt or .pth file, or a name of `limn weights list` that was fetched.")
    var input: String

    @Argument(help: "The .safetensors file to write.")
    var output: String

    func validate() throws {
      guard output.lowercased().hasSuffix(".safetensors") else {
        throw ValidationError("the output is a .safetensors file, got \(output)")
      }
    }

    func run() throws {
      let input = try WeightArgument.path(input)
      if let target = FileIdentity(path: output), target == FileIdentity(path: input) {
        throw CommandError("\(output) is the input, and would be replaced")
      }
      // From here on a file is either whole or not there.
      Interruption.current?.becomeGraceful()
      do {
        if try WeightFile(path: input).looksLikeMaskRCNN {
          try MaskRCNN.convert(from: input, to: output)
        } else {
          try YOLOv5.convert(from: input, to: output)
        }
      } catch {
        try Task.checkCancellation()
        throw CommandError("\(error)")
      }
    }
  }
}
