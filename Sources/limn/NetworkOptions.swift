import Annotate
import ArgumentParser

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The options of every command that runs a network over images.
struct NetworkOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("Image files, folders (recursive), or - for paths on standard input.", valueName: "input"))
  var inputs: [String]

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

  @Option(parsing: .unconditional, help: "Threads to use, 1 to 256. Default: all cores.")
  var threads: Int?

  enum Precision: String, CaseIterable, ExpressibleByArgument {
    case float32
  }

  func validate() throws {
    guard !inputs.isEmpty else { throw ValidationError("name at least one image, folder or -") }
    for (option, values) in [("--classes", classes), ("--exclude", exclude)]
    where !values.isEmpty && Self.names(values).isEmpty {
      throw ValidationError("\(option) names no class")
    }
    if let threads, !(1...256).contains(threads) {
      throw ValidationError("--threads lies between 1 and 256, as each needs memory of its own, got \(threads)")
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
    let excluded = output.overlay.flatMap(FileIdentity.init(path:))
    let list = try InputList(inputs, excluding: excluded)
    var job = output.job
    job.segmentation = segmentation
    try job.validate(against: list, weights: weightsPath())
    var reporter = Reporter(total: list.items.count, isQuiet: output.quiet)
    guard list.hasImages else {
      for case .failure(_, let reason) in list.items { reporter.failed(reason: reason) }
      throw CommandError("there is no image to annotate")
    }
    let network = try loaded(load)
    let options = options(try classFilter.classes(of: network.labels))
    for note in notes { reporter.note(note) }
    switch list.duplicateCount {
    case 0: break
    case 1: reporter.note("1 image is named again; annotated once")
    case let count: reporter.note("\(count) images are named again; annotated once")
    }
    let outcome = try await job.run(
      list, detector: network, options: options, decode: { try ImageFile.decode(path: $0) }, reporter: &reporter)
    if !outcome.isComplete { reporter.note("stopped at the first failure; \(job.remains)") }
    if outcome.failureCount > 0 { throw ExitCode(1) }
  }

  private func loaded<D>(_ load: (String, Engine) throws -> D) throws -> D {
    guard let path = weightsPath() else {
      throw CommandError("no weights: name a file with --weights or the variable LIMN_WEIGHTS")
    }
    do {
      return try load(path, Engine(threads: threads))
    } catch {
      throw CommandError("\(error)")
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
