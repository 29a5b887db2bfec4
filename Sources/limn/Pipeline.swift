import Annotate

/// Takes pictures from files to a writer: decoding runs ahead of detection, results keep the order of the inputs.
struct Pipeline<D: Detector>: Sendable {
  /// How a run over all inputs ended.
  struct Outcome: Sendable, Equatable {
    /// Pictures written.
    var writtenCount = 0
    /// Inputs that failed.
    var failureCount = 0
    /// Whether every input was tried, so that the document was put into place.
    var isComplete = false
  }

  /// Finds the objects.
  var detector: D
  /// What to find.
  var options: D.Options
  /// Reads a picture from a path.
  var decode: @Sendable (String) throws -> ReducedImage
  /// Writes a picture, as it was decoded, with its detections drawn on it, given its name and path.
  var drawOverlay: (@Sendable (Image, [Detection], _ name: String, _ path: String) throws -> Void)?
  /// Sees each picture, as it was decoded, with its detections.
  var observe: (@Sendable (Image, [Detection]) -> Void)?
  /// Whether the first failure ends the run.
  var failFast = false
  /// How many pictures are decoded ahead of the one in detection: the bound on memory.
  var lookahead = 2

  /// Annotates the items in order.
  ///
  /// - Throws: `AnnotationError` or `CommandError` when an output cannot be written, `CancellationError` when the task is
  ///   cancelled; the document is then discarded.
  func run<Writer: AnnotationWriter & ~Copyable>(
    _ items: [InputList.Item], into writer: consuming Writer, reporter: inout Reporter
  ) async throws -> Outcome {
    // Not before the outputs are open: opening a pipe waits for its reader.
    Interruption.current?.becomeGraceful()
    defer { reporter.end() }
    var outcome = Outcome()
    var ahead: [Task<ReducedImage, any Error>?] = []
    var next = 0
    for (index, item) in items.enumerated() {
      while next < items.count, next - index <= lookahead {
        ahead.append(startDecoding(items[next]))
        next += 1
      }
      let decoding = ahead.removeFirst()
      try Task.checkCancellation()
      let name: String
      let reason: String
      switch item {
      case .failure(let failed, let why): (name, reason) = (failed, why)
      case .image(let image, let path):
        do {
          guard let decoding else { continue }
          try writer.write(try annotate(try await decoding.value, name: image, path: path))
          outcome.writtenCount += 1
          reporter.finished()
          continue
        } catch let error as AnnotationError where !error.concernsOneImage {
          throw error
        } catch let error as CommandError {
          throw error
        } catch {
          (name, reason) = (image, Self.reason("\(error)", name: image, path: path))
        }
      }
      outcome.failureCount += 1
      reporter.failed(reason: reason)
      try writer.writeFailure(name: name, reason: reason)
      if failFast { return outcome }
    }
    try Task.checkCancellation()
    for note in writer.notes { reporter.note(note) }
    try writer.finish()
    outcome.isComplete = true
    return outcome
  }

  private func startDecoding(_ item: InputList.Item) -> Task<ReducedImage, any Error>? {
    guard case .image(_, let path) = item else { return nil }
    return Task.detached { [decode] in try decode(path) }
  }

  private func annotate(_ picture: ReducedImage, name: String, path: String) throws -> AnnotatedImage {
    let detections = try detector.detect(picture.image, options: options)
    let annotated = try AnnotatedImage(
      name: name, width: picture.width, height: picture.height, detections: picture.unreduced(detections))
    try drawOverlay?(picture.image, detections, name, path)
    observe?(picture.image, detections)
    return annotated
  }

  /// The sentence of a failure, begun with the picture's path where it named the picture otherwise or not at all.
  private static func reason(_ sentence: String, name: String, path: String) -> String {
    if sentence.hasPrefix("\(path): ") { return sentence }
    return "\(path): " + (sentence.hasPrefix("\(name): ") ? String(sentence.dropFirst(name.count + 2)) : sentence)
  }
}

extension AnnotationError {
  /// Whether the writer can go on with the next picture.
  fileprivate var concernsOneImage: Bool {
    if case .invalidImage = self { true } else { false }
  }
}
