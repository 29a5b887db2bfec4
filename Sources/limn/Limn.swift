import Annotate
import ArgumentParser
import Glibc

@main
struct Limn: AsyncParsableCommand {
  /// The only definition of the version. The versions in the README and the tutorials are checked against it.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "limn",
    abstract: "Annotates images on a plain CPU: labelled boxes, masks and circles.",
    discussion: """
      Start with these three lines. The first fetches a network for everyday objects,
      the second draws what it finds in a photograph, the third annotates a folder:

        limn weights fetch yolov5s
        limn detect photo.jpg --weights yolov5s --overlay drawn/
        limn detect photos/ --weights yolov5s --format coco --output out.json

      Exit codes:
        0  all images are done
        1  some inputs failed; the others are written
        2  nothing could start, or the output could not be written
      """,
    version: version,
    subcommands: [
      DetectCommand.self, SegmentCommand.self, CirclesCommand.self, WeightsCommand.self, KernelsCommand.self,
    ])

  static func main() async {
    StandardDescriptors.reserve()
    signal(SIGPIPE, SIG_IGN)
    let interruption = Interruption()
    let work = Interruption.$current.withValue(interruption) {
      Task { await run(Array(CommandLine.arguments.dropFirst())) }
    }
    interruption.listen { work.cancel() }
    let termination = await work.value
    termination.end(signal: interruption.receivedSignal)
  }

  /// Runs a command line and returns how the process must end.
  static func run(_ arguments: [String]) async -> Termination {
    do {
      let commands = configuration.subcommands.compactMap { $0.configuration.commandName }
      if let reason = Advice.unknownCommand(arguments, commands: commands) { throw CommandError(reason) }
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
