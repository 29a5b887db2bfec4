import Annotate
import ArgumentParser

/// The options of every annotating command that say what is annotated, and on how many threads.
struct InputOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("Image files, folders (recursive), or - for paths on standard input.", valueName: "input"))
  var inputs: [String]

  @Option(parsing: .unconditional, help: "Threads to use, 1 to 256. Default: all cores.")
  var threads: Int?

  func validate() throws {
    guard !inputs.isEmpty else { throw ValidationError("name at least one image, folder or -") }
    if let threads, !(1...256).contains(threads) {
      throw ValidationError("--threads lies between 1 and 256, as each needs memory of its own, got \(threads)")
    }
  }

  /// Annotates the inputs with a detector that is made once something is there to annotate.
  ///
  /// - Parameters:
  ///   - output: what is written.
  ///   - segmentation: how masks and circles are written.
  ///   - weights: the file that the detector reads, which nothing may replace.
  ///   - labels: the file of class names, which nothing may replace.
  ///   - notes: what the user should know first.
  ///   - reducedSide: the least longer side that JPEG pictures are decoded at; nil for their own size.
  ///   - observe: sees each picture with its detections.
  ///   - detector: makes the detector.
  ///   - options: what it is to find.
  ///   - afterwards: called when the run has ended, also where inputs failed.
  func annotate<D: Detector>(
    _ output: OutputOptions, segmentation: SegmentationEncoding = .runLengths, weights: String? = nil,
    labels: String? = nil, notes: [String] = [], reducedSide: Int? = nil,
    observe: (@Sendable (Image, [Detection]) -> Void)? = nil,
    detector: (Engine) throws -> D, options: (D) throws -> D.Options, afterwards: () -> Void = {}
  ) async throws {
    let excluded = output.overlay.flatMap(FileIdentity.init(path:))
    let list = try InputList(inputs, excluding: excluded)
    var job = output.job
    job.segmentation = segmentation
    job.observe = observe
    try job.validate(against: list, weights: weights, labels: labels)
    var reporter = Reporter(total: list.items.count, isQuiet: output.quiet)
    guard list.hasImages else {
      for case .failure(_, let reason) in list.items { reporter.failed(reason: reason) }
      throw CommandError("there is no image to annotate")
    }
    let made: D
    do {
      made = try detector(Engine(threads: threads))
    } catch {
      throw CommandError("\(error)")
    }
    let options = try options(made)
    for note in notes { reporter.note(note) }
    switch list.duplicateCount {
    case 0: break
    case 1: reporter.note("1 image is named again; annotated once")
    case let count: reporter.note("\(count) images are named again; annotated once")
    }
    let outcome = try await job.run(
      list, detector: made, options: options,
      decode: { path in
        try reducedSide.map { try ImageFile.decode(path: path, reducedTo: $0) }
          ?? ReducedImage(ImageFile.decode(path: path))
      }, reporter: &reporter)
    if !outcome.isComplete { reporter.note("stopped at the first failure; \(job.remains)") }
    afterwards()
    if outcome.failureCount > 0 { throw ExitCode(1) }
  }
}
