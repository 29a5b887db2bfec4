import Files

/// Decodes images, detects objects and passes them to writers. Decoding runs ahead; results keep the order of the
/// inputs.
struct Pipeline: Sendable {
  /// An input and the id of its image.
  struct Item: Sendable {
    var input: InputList.Item
    var id: Int?
  }

  /// Called with each event.
  var onEvent: @Sendable (AnnotationEvent) -> Void
  /// Detects the objects in an image.
  var detect: @Sendable (Image) throws -> [Detection]
  /// Decodes the image at a path.
  var decode: @Sendable (String) throws -> ReducedImage = { ReducedImage(try ImageFile.decode(path: $0)) }
  /// The folder for the decoded images with their detections drawn on them; nil for none.
  var overlay: OverlayFolder?
  /// Whether the first failure ends the run.
  var stopsAtFirstFailure = false
  /// The number of images decoded ahead, which bounds the memory.
  var lookahead = 2

  init(
    onEvent: @escaping @Sendable (AnnotationEvent) -> Void = { _ in },
    detect: @escaping @Sendable (Image) throws -> [Detection]
  ) {
    self.onEvent = onEvent
    self.detect = detect
  }

  /// Annotates the items in order.
  ///
  /// - Throws: `AnnotationError` if an output cannot be written, `CancellationError` if the task was cancelled.
  ///   Documents are then discarded.
  func run(_ items: [Item], into writers: [any AnnotationWriter]) async throws -> AnnotationSummary {
    var writers = writers
    onEvent(.started(inputCount: items.count))
    var summary = AnnotationSummary()
    var ahead: [Task<ReducedImage, any Error>?] = []
    defer { for decoding in ahead { decoding?.cancel() } }
    var next = 0
    for (index, item) in items.enumerated() {
      while next < items.count, next - index <= lookahead {
        ahead.append(startDecoding(items[next].input))
        next += 1
      }
      let decoding = ahead.removeFirst()
      try Task.checkCancellation()
      let (name, reason): (String, String)
      // The writers that accepted an image that others refused.
      var holders: Set<Int> = []
      switch item.input {
      case .failure(let failed, let why): (name, reason) = (failed, why)
      case .image(let image, let path):
        do {
          guard let decoding else { continue }
          let annotated = try await annotate(decoding, name: image, id: item.id, into: &writers)
          summary.writtenCount += 1
          onEvent(.annotated(annotated))
          continue
        } catch let refusal as Refusal {
          (name, reason) = (image, Self.reason(refusal.error.description, name: image, path: path))
          holders = refusal.holders
        } catch let error as AnnotationError where !error.concernsOneImage {
          throw error
        } catch let error as CancellationError {
          throw error
        } catch {
          (name, reason) = (image, Self.reason("\(error)", name: image, path: path))
        }
      }
      summary.failureCount += 1
      onEvent(.failed(name: name, reason: reason))
      for index in writers.indices where !holders.contains(index) {
        try writers[index].writeFailure(name: name, reason: reason)
      }
      if stopsAtFirstFailure { return summary }
    }
    try Task.checkCancellation()
    for writer in writers {
      for note in writer.notes { onEvent(.note(note)) }
    }
    for index in writers.indices { try writers[index].finish() }
    summary.isComplete = true
    return summary
  }

  private func startDecoding(_ input: InputList.Item) -> Task<ReducedImage, any Error>? {
    guard let path = input.path else { return nil }
    return Task.detached { [decode] in
      try Task.checkCancellation()
      return try decode(path)
    }
  }

  private func annotate(
    _ decoding: Task<ReducedImage, any Error>, name: String, id: Int?, into writers: inout [any AnnotationWriter]
  ) async throws -> AnnotatedImage {
    let decoded = try await decoding.value
    try Task.checkCancellation()
    let detections = try detect(decoded.image)
    let annotated = try AnnotatedImage(
      name: name, width: decoded.width, height: decoded.height, detections: decoded.restored(detections), id: id)
    // Written first, since it may fail. Put into place last, since only images with written annotations get an overlay.
    let drawn = try overlay.map { try $0.open($0.encoded(decoded.image, detections, name: name), name: name) }
    try write(annotated, into: &writers)
    do throws(FileError) { try drawn?.commit(synchronizesFolder: false) } catch { throw AnnotationError(error) }
    return annotated
  }

  /// The refusal of an image by some of the writers.
  private struct Refusal: Error {
    /// The error of the first writer that refused the image.
    let error: AnnotationError
    /// The writers that accepted the image.
    let holders: Set<Int>
  }

  /// Passes an image to all writers. Those that accept it keep it, even if others refuse it.
  private func write(_ image: AnnotatedImage, into writers: inout [any AnnotationWriter]) throws {
    var refusal: AnnotationError?
    var holders: Set<Int> = []
    for index in writers.indices {
      do throws(AnnotationError) {
        try writers[index].write(image)
        holders.insert(index)
      } catch {
        guard error.concernsOneImage else { throw error }
        refusal = refusal ?? error
      }
    }
    if let refusal { throw Refusal(error: refusal, holders: holders) }
  }

  /// Returns the sentence of a failure, beginning with the path of the image instead of its name or of nothing.
  private static func reason(_ sentence: String, name: String, path: String) -> String {
    if sentence.utf8.starts(with: "\(path): ".utf8) { return sentence }
    let prefix = "\(name): ".utf8
    guard sentence.utf8.starts(with: prefix) else { return "\(path): \(sentence)" }
    return "\(path): \(String(decoding: sentence.utf8.dropFirst(prefix.count), as: UTF8.self))"
  }
}

extension ReducedImage {
  /// Maps detections from the reduced image to the full-size image of the file. Masks are not changed, so
  /// `AnnotatedImage` refuses them: images for detectors of masks must be decoded at full size.
  func restored(_ detections: [Detection]) -> [Detection] {
    guard divisor > 1 else { return detections }
    return detections.map { detection in
      var restored = detection
      restored.box = map.inverse(detection.box)
      restored.circle = detection.circle.map { map.inverse($0) }
      return restored
    }
  }
}

extension AnnotationError {
  /// Whether the writers can continue with the next image.
  fileprivate var concernsOneImage: Bool {
    if case .invalidImage = self { true } else { false }
  }
}
