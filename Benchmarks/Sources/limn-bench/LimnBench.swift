import ArgumentParser

@main
struct LimnBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "limn-bench", abstract: "Measures Limn.",
    subcommands: [
      Tiles.self, KernelsCommand.self, LayersCommand.self, NetworksCommand.self, PipelineCommand.self,
      NetworkCommand.self, MaskRCNNCommand.self, CirclesCommand.self,
    ])
}
