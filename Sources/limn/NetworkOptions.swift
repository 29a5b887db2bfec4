import Annotate
import ArgumentParser

/// The options of every command that runs a network over images.
struct NetworkOptions: ParsableArguments {
  @OptionGroup var input: InputOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "A .safetensors, .pt or .pth file, or a name of `limn weights list`. Default: the variable LIMN_WEIGHTS, else "
        + "the embedded weights.",
      valueName: "file"))
  var weights: String?

  @Option(help: ArgumentHelp("Keep these classes only, by label name or id, separated by commas.", valueName: "a,b"))
  var classes: [String] = []

  @Option(help: ArgumentHelp("Leave these classes out, by label name or id, separated by commas.", valueName: "a,b"))
  var exclude: [String] = []

  @Option(
    help: "The arithmetic of the network; bfloat16 needs a CPU that multiplies it, int8 weights that were calibrated.")
  var precision = Precision.float32

  func validate() throws {
    if weights?.isEmpty == true { throw ValidationError("--weights is empty") }
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
  ///
  /// Weights that were not asked for on the command line are named in a note. `labels` is the file of class names, where
  /// there is one.
  func annotate<D: Detector>(
    _ job: AnnotationJob, quiet: Bool, default embedded: EmbeddedWeights, notes: [String] = [], labels: String? = nil,
    load: (_ weights: WeightFile, Engine) throws -> D,
    options: (_ classes: Set<Int>?) -> D.Options
  ) async throws {
    let path = try weightsPath()
    var (job, notes) = (job, notes)
    if weights == nil, let path { notes.append("weights: \(path), from LIMN_WEIGHTS") }
    if let path { job.protectedFiles.append(.init(path: path, role: "the weight file")) }
    if let labels { job.protectedFiles.append(.init(path: labels, role: "the file of labels")) }
    try await input.annotate(job, quiet: quiet) { network in
      guard path == nil, let more = embedded.recommended else { return notes }
      let isFetched = (try? WeightCache())?.found(more) != nil
      return notes + EmbeddedNote.sentences(labels: network.labels, weights: more, isFetched: isFetched)
    } detector: { engine in
      try load(path.map { try WeightFile(path: $0) } ?? WeightFile(embedded: embedded), engine)
    } options: { network in
      options(try classFilter.classes(of: network.labels))
    }
  }

  /// The file asked for; nil for the embedded weights.
  private func weightsPath() throws(CommandError) -> String? {
    guard let argument = weights ?? EnvironmentVariable.value("LIMN_WEIGHTS") else { return nil }
    return try WeightArgument.path(argument)
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

extension Precision: ExpressibleByArgument {}
