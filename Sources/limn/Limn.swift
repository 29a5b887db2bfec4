import Annotate
import ArgumentParser
import Glibc

@main
struct Limn: AsyncParsableCommand {
  /// The one place of the version. What README and tutorials depend on is checked against it.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "limn",
    abstract: "Annotates images: labelled boxes and masks from weight files, circles without, on a plain CPU.",
    discussion: """
      Exit codes: 0 all images done; 1 some inputs failed, the others are written; 2 nothing could start, or the output
      could not be written.
      """,
    version: version,
    subcommands: [
      DetectCommand.self, SegmentCommand.self, CirclesCommand.self, WeightsCommand.self, KernelsCommand.self,
    ])

  static func main() async {
    StandardDescriptors.reserve()
    endOpenBLASThreads()
    signal(SIGPIPE, SIG_IGN)
    let interruption = Interruption()
    let work = Interruption.$current.withValue(interruption) {
      Task { await run(Array(CommandLine.arguments.dropFirst())) }
    }
    interruption.listen { work.cancel() }
    let termination = await work.value
    termination.end(signal: interruption.receivedSignal)
  }

  /// Runs one command line and says how the process is to end.
  static func run(_ arguments: [String]) async -> Termination {
    do {
      var command = try parseAsRoot(arguments)
      if var command = command as? AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return .status(0)
    } catch {
      return Termination(error)
    }
  }
}
