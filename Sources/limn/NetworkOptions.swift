import Annotate
import ArgumentParser

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The options of every command that runs a network over images.
struct NetworkOptions: ParsableArguments {
  @OptionGroup var input: InputOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("A .safetensors, .pt or .pth file. Default: the variable LIMN_WEIGHTS.", valueName: "file"))
  var weights: String?

  @Option(help: ArgumentHelp("Keep these classes only, by label name or id, separated by commas.", valueName: "a,b"))
  var classes: [String] = []

  @Option(help: ArgumentHelp("Leave these classes out, by label name or id, separated by commas.", valueName: "a,b"))
  var exclude: [String] = []

  @Option(help: "The arithmetic of the network.")
  var precision = Precision.float32

  enum Precision: String, CaseIterable, ExpressibleByArgument {
    case float32
  }

  func validate() throws {
    for (option, values) in [("--classes", classes), ("--exclude", exclude)]
    where !values.isEmpty && Self.names(values).isEmpty {
      throw ValidationError("\(option) names no class")
    }
  }

  /// The classes asked for.
  var classFilter: ClassFilter {
    ClassFilter(included: Self.names(classes), excluded: Self.names(exclude))
  }

  /// Annotates the inputs with a network that is loaded once something is there to annotate.
  func annotate<D: Detector>(
    _ output: OutputOptions, segmentation: SegmentationEncoding = .runLengths, notes: [String] = [],
    load: (_ weights: String, Engine) throws -> D,
    options: (_ classes: Set<Int>?) -> D.Options
  ) async throws {
    let path = weightsPath()
    try await input.annotate(output, segmentation: segmentation, weights: path, notes: notes) { engine in
      guard let path else { throw CommandError("no weights: name a file with --weights or the variable LIMN_WEIGHTS") }
      return try load(path, engine)
    } options: { network in
      options(try classFilter.classes(of: network.labels))
    }
  }

  private func weightsPath() -> String? {
    let path = weights ?? getenv("LIMN_WEIGHTS").map { String(cString: $0) }
    return path?.isEmpty == true ? nil : path
  }

  /// The names between the commas, without the white space around them.
  private static func names(_ lists: [String]) -> [String] {
    lists.flatMap { $0.split(separator: ",") }.compactMap { name in
      let trimmed = name.drop(while: \.isWhitespace)
      guard let last = trimmed.lastIndex(where: { !$0.isWhitespace }) else { return nil }
      return String(trimmed[...last])
    }
  }
}
