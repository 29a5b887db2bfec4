import Annotate
import ArgumentParser
import Synchronization

/// The options for the input of all annotating commands, and the number of threads.
struct InputOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("Image files, folders (recursive), or - for paths on standard input.", valueName: "input"))
  var inputs: [String]

  @Option(parsing: .unconditional, help: "Threads to use, 1 to 256. Default: all cores.")
  var threads: Int?

  func validate() throws {
    guard !inputs.isEmpty else { throw ValidationError("name at least one image, folder or -") }
    if let threads, !(1...256).contains(threads) {
      throw ValidationError("--threads must be 1 to 256, since each needs memory of its own, got \(threads)")
    }
  }

  /// Annotates the inputs. The detector is made only if there is something to annotate.
  ///
  /// - Parameters:
  ///   - job: The outputs.
  ///   - quiet: Whether the progress bar and notes are left out.
  ///   - notes: Notes about the detector to show first.
  ///   - detector: Makes the detector.
  ///   - options: Makes the detector's options.
  ///   - onAnnotated: Called with each image and its detections.
  ///   - afterwards: Called at the end, also if inputs failed.
  func annotate<D: Detector>(
    _ job: AnnotationJob, quiet: Bool, notes: (D) -> [String] = { _ in [] },
    detector: (Engine) throws -> D, options: (D) throws -> D.Options,
    onAnnotated: @escaping @Sendable (AnnotatedImage) -> Void = { _ in }, afterwards: () -> Void = {}
  ) async throws {
    var job = job
    let list = try InputList(inputs, excluding: job.pictureFolders, list: StandardInput.readAll)
    if inputs.contains("-") { job.protectedFiles.append(.init(path: "/dev/stdin", role: "the list of images")) }
    try job.validate(against: list)
    let reporter = Mutex(Reporter(total: list.items.count, isQuiet: quiet))
    defer { reporter.withLock { $0.end() } }
    guard list.hasImages else {
      for case .failure(_, let reason) in list.items { reporter.withLock { $0.failed(reason: reason) } }
      for note in list.notes { reporter.withLock { $0.note(note) } }
      throw CommandError("there is no image to annotate")
    }
    let made: D
    do {
      made = try detector(Engine(threads: threads))
    } catch {
      throw CommandError(Advice.explained(error, for: .annotating))
    }
    let options = try options(made)
    for note in notes(made) + list.notes { reporter.withLock { $0.note(note) } }
    let interruption = Interruption.current
    let missing = Mutex(MissingCharacters())
    let detectionCount = Atomic<Int>(0)
    let drawsLabels = job.overlay != nil
    let summary = try await job.runValidated(list, detector: made, options: options) { event in
      switch event {
      // Not earlier, since opening a pipe for output waits for its reader.
      case .started: interruption?.becomeGraceful()
      case .annotated(let image):
        if drawsLabels { missing.withLock { $0.add(image.detections) } }
        detectionCount.add(image.detections.count, ordering: .relaxed)
        onAnnotated(image)
        reporter.withLock { $0.finished() }
      case .failed(_, let reason): reporter.withLock { $0.failed(reason: reason) }
      case .note(let note): reporter.withLock { $0.note(note) }
      }
    }
    reporter.withLock { reporter in
      if let note = missing.withLock(\.note) { reporter.note(note) }
      if !summary.isComplete { reporter.note("stopped at the first failure; \(job.remains)") }
      if summary.isComplete, !job.places.isEmpty {
        let detections = detectionCount.load(ordering: .relaxed)
        reporter.result(
          "\(summary.writtenCount) \(summary.writtenCount == 1 ? "image" : "images"), \(detections) "
            + "\(detections == 1 ? "detection" : "detections"): \(job.places.joined(separator: ", "))")
      }
    }
    afterwards()
    if summary.failureCount > 0 { throw ExitCode(1) }
  }
}

extension AnnotationJob {
  /// The files and folders that a run writes.
  fileprivate var places: [String] {
    outputs.compactMap { output in
      switch output.target {
      case .file(let path), .folder(let path): path
      case .standardOutput, .memory: nil
      }
    } + (overlay.map { [$0] } ?? [])
  }
}

extension InputList {
  /// Sentences for the user about skipped inputs.
  fileprivate var notes: [String] {
    var notes: [String] = []
    switch duplicateCount {
    case 0: break
    case 1: notes.append("skipped 1 repeated image: each image is annotated once")
    case let count: notes.append("skipped \(count) repeated images: each image is annotated once")
    }
    if !foreignCounts.isEmpty {
      let counts = foreignCounts.sorted { $0.key < $1.key }.map { "\($0.value) .\($0.key)" }.joined(separator: ", ")
      notes.append("skipped, since only JPEG and PNG are supported: \(counts)")
    }
    for folder in maskFolders { notes.append("skipped \(folder): it holds the masks of a VOC data set") }
    return notes
  }
}
