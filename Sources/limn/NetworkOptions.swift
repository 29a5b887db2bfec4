import Annotate
import ArgumentParser

/// The options of all commands that run a network.
struct NetworkOptions: ParsableArguments {
  @OptionGroup var input: InputOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "A .safetensors, .pt or .pth file, or a name of `limn weights list`. Default: the variable LIMN_WEIGHTS, else "
        + "the embedded weights.",
      valueName: "file"))
  var weights: String?

  @Option(help: ArgumentHelp("Report only these classes, by label name or id, separated by commas.", valueName: "a,b"))
  var classes: [String] = []

  @Option(help: ArgumentHelp("Leave out these classes, by label name or id, separated by commas.", valueName: "a,b"))
  var exclude: [String] = []

  @Option(
    help: "The arithmetic of the network; bfloat16 needs a CPU that supports it, int8 needs calibrated weights.")
  var precision = Precision.float32

  func validate() throws {
    if weights?.isEmpty == true { throw ValidationError("--weights is empty") }
    for (option, values) in [("--classes", classes), ("--exclude", exclude)]
    where !values.isEmpty && Self.names(values).isEmpty {
      throw ValidationError("\(option) names no class")
    }
  }

  /// The classes to report.
  var classFilter: ClassFilter {
    ClassFilter(included: Self.names(classes), excluded: Self.names(exclude))
  }

  /// Annotates the inputs with a network. It is loaded only if there is something to annotate.
  ///
  /// - Parameters:
  ///   - job: The outputs.
  ///   - quiet: Whether the progress bar and notes are left out.
  ///   - embedded: The weights to use if none are given. A note tells the user if these or those of `LIMN_WEIGHTS` are
  ///     used.
  ///   - notes: Further notes to show first.
  ///   - labels: The file of class names, which outputs must not replace; nil for none.
  ///   - load: Makes the detector.
  ///   - options: Makes the detector's options; nil stands for all classes.
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
      guard path == nil, let more = OfficialWeights.recommended(for: embedded.architecture) else { return notes }
      let isFetched = (try? WeightCache())?.found(more) != nil
      return notes + EmbeddedNote.sentences(labels: network.labels, weights: more, isFetched: isFetched)
    } detector: { engine in
      try load(path.map { try WeightFile(path: $0) } ?? WeightFile(embedded: embedded), engine)
    } options: { network in
      options(try classFilter.classes(of: network.labels))
    }
  }

  /// Returns the path of the weight file; nil for the embedded weights.
  private func weightsPath() throws(CommandError) -> String? {
    guard let argument = weights ?? EnvironmentVariable.value("LIMN_WEIGHTS") else { return nil }
    return try WeightArgument.path(argument)
  }

  /// Returns the names between the commas, without the white space around them.
  private static func names(_ lists: [String]) -> [String] {
    lists.flatMap { $0.split(separator: ",") }.compactMap { name in
      let trimmed = name.drop(while: \.isWhitespace)
      guard let last = trimmed.lastIndex(where: { !$0.isWhitespace }) else { return nil }
      return String(trimmed[...last])
    }
  }
}

extension Precision: ExpressibleByArgument {}
