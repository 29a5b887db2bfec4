import Annotate
import ArgumentParser

struct WeightsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weights", abstract: "Looks into weight files and converts them.",
    subcommands: [Inspect.self, Convert.self])

  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows a weight file's architecture, classes, parameters and tensors.")

    @Argument(help: "A .safetensors, .pt or .pth file.")
    var file: String

    func run() throws {
      let report: String
      do {
        report = try WeightReport.text(of: file)
      } catch {
        throw CommandError("\(error)")
      }
      try StandardOutput.write(report)
    }
  }

  struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Converts a checkpoint to safetensors, with class names and the like as metadata.")

    @Argument(help: "A .safetensors, .pt or .pth file.")
    var input: String

    @Argument(help: "The .safetensors file to write.")
    var output: String

    func validate() throws {
      guard output.lowercased().hasSuffix(".safetensors") else {
        throw ValidationError("the output is a .safetensors file, got \(output)")
      }
    }

    func run() throws {
      if let target = FileIdentity(path: output), target == FileIdentity(path: input) {
        throw CommandError("\(output) is the input, and would be replaced")
      }
      do {
        if try WeightFile(path: input).looksLikeMaskRCNN {
          try MaskRCNN.convert(from: input, to: output)
        } else {
          try YOLOv5.convert(from: input, to: output)
        }
      } catch {
        throw CommandError("\(error)")
      }
    }
  }
}
