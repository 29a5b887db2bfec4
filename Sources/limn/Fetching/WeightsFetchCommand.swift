import ArgumentParser
import Files

struct WeightsFetchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch", abstract: "Fetches official weights into the cache, and prints their path.",
    discussion: """
      The file's SHA-256 is checked before it is put in its place, and an interrupted fetch is resumed. curl does the \
      transfer, with the proxies of the environment. Variables: LIMN_CACHE, the folder, by default \
      $XDG_CACHE_HOME/limn/weights or ~/.cache/limn/weights; LIMN_WEIGHTS_MIRROR, an address that replaces everything \
      before the file's name.
      """)

  @Argument(help: "A name from `limn weights list`.")
  var name: String

  @Flag(help: "No progress and no notes.")
  var quiet = false

  func validate() throws { _ = try weights() }

  func run() throws {
    var reporter = TransferReporter(isQuiet: quiet)
    let fetch = WeightFetch(weights: try weights(), cache: try WeightCache(), mirror: try Mirror.address())
    try StandardOutput.write(try fetch.run(reporter: &reporter) + "\n")
  }

  private func weights() throws -> OfficialWeights {
    if let weights = OfficialWeights.named(name) { return weights }
    let names = OfficialWeights.all.map(\.name).joined(separator: ", ")
    throw ValidationError("there are no official weights named \"\(name)\"; the names are \(names)".printable)
  }
}
