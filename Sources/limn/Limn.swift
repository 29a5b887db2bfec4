import Annotate
import ArgumentParser

@main
struct Limn: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "limn", abstract: "Annotates images: labelled boxes, masks and circles.")
  func run() async throws {}
}
