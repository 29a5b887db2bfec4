import ArgumentParser

struct WeightsListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the official weights that can be fetched, and which are in the cache.")

  @Flag(help: "Print a JSON array of objects.")
  var json = false

  func run() throws {
    let list = WeightList(cache: try WeightCache(), mirror: try Mirror.address())
    try StandardOutput.write(json ? list.json : list.text)
  }
}
