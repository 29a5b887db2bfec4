import Annotate
import ArgumentParser
import Files

struct WeightsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weights", abstract: "Fetches official weights; inspects, converts and quantizes weight files.",
    subcommands: [
      WeightsListCommand.self, WeightsFetchCommand.self, Inspect.self, Convert.self, WeightsQuantizeCommand.self,
    ])

  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows a weight file's architecture, classes, parameters and tensors.")

    @Argument(help: "A .safetensors, .pt or .pth file, or a fetched name from `limn weights list`.")
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
      abstract: "Converts a weight file to safetensors, with class names and other settings as metadata.")

    @Argument(help: "A .safetensors, .pt or .pth file, or a fetched name from `limn weights list`.")
    var input: String

    @Argument(help: "The .safetensors file to write.")
    var output: String

    func validate() throws {
      guard output.lowercased().hasSuffix(".safetensors") else {
        throw ValidationError("the output must be a .safetensors file, got \(output)")
      }
    }

    func run() throws {
      let input = try WeightArgument.path(input)
      if let target = FileIdentity(path: output), target == FileIdentity(path: input) {
        throw CommandError("\(output) is the input and would be replaced; choose another output")
      }
      // From here on, an interrupt leaves no incomplete file.
      Interruption.current?.becomeGraceful()
      do {
        let file = try WeightFile(path: input)
        try file.requireArchitecture().convert(file, to: output)
      } catch {
        try Task.checkCancellation()
        throw CommandError("\(error)")
      }
    }
  }
}
