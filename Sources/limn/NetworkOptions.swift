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

  @Option(help: "Threads to use. Default: all cores.")
  var threads: Int?

  enum Precision: String, CaseIterable, ExpressibleByArgument {
    case float32
  }

  func validate() throws {
    guard !inputs.isEmpty else { throw ValidationError("name at least one image, folder or -") }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads lies between 1 and 1024, got \(threads)")
    }
  }

  /// The classes asked for.
  var classFilter: ClassFilter {
    ClassFilter(included: Self.names(classes), excluded: Self.names(exclude))
  }

  /// Annotates the inputs with a network that is loaded once something is there to annotate.
  func annotate<D: Detector>(
    _ output: OutputOptions, notes: [String] = [], load: (_ weights: String, Engine) throws -> D,
    options: (_ classes: Set<Int>?) -> D.Options
  ) async throws {
    let excluded = output.overlay.flatMap(FileIdentity.init(path:))
    let list = try InputList(inputs, excluding: excluded)
    let job = output.job
    try job.validate(against: list)
    var reporter = Reporter(total: list.items.count, isQuiet: output.quiet)
    guard list.hasImages else {
      for case .failure(_, let reason) in list.items { reporter.failed(reason: reason) }
      throw CommandError("there is no image to annotate")
    }
    let network = try loaded(load)
    let options = options(try classFilter.classes(of: network.labels))
    for note in notes { reporter.note(note) }
    if list.duplicateCount > 0 { reporter.note("\(list.duplicateCount) images are named twice; annotated once") }
    let outcome = try await job.run(
      list, detector: network, options: options, decode: { try ImageFile.decode(path: $0) }, reporter: &reporter)
    if outcome.failureCount > 0 { throw ExitCode(1) }
  }

  private func loaded<D>(_ load: (String, Engine) throws -> D) throws -> D {
    guard let path = weights ?? getenv("LIMN_WEIGHTS").map({ String(cString: $0) }), !path.isEmpty else {
      throw CommandError("no weights: name a file with --weights or the variable LIMN_WEIGHTS")
    }
    do {
      return try load(path, Engine(threads: threads))
    } catch {
      throw CommandError("\(error)")
    }
  }

  private static func names(_ lists: [String]) -> [String] {
    lists.flatMap { $0.split(separator: ",").map { $0.trimmingPrefix(while: \.isWhitespace) } }.map(String.init)
  }
}
