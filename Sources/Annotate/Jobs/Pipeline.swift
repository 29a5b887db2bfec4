import Files

/// Takes images from files to writers: decoding runs ahead of detection, results keep the order of the inputs.
struct Pipeline: Sendable {
  /// An input, and the number of its image.
  struct Item: Sendable {
    var input: InputList.Item
    var id: Int?
  }

  /// Is told how the run goes.
  var onEvent: @Sendable (AnnotationEvent) -> Void
  /// Finds the objects.
  var detect: @Sendable (Image) throws -> [Detection]
  /// Reads an image from a path.
  var decode: @Sendable (String) throws -> ReducedImage = { ReducedImage(try ImageFile.decode(path: $0)) }
  /// Gets the images, as they were decoded, with their detections drawn on them.
  var overlay: OverlayFolder?
  /// Whether the first failure ends the run.
  var stopsAtFirstFailure = false
  /// How many images are decoded ahead of the one in detection: the bound on memory.
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
  /// - Throws: `AnnotationError` when an output cannot be written, `CancellationError` when the task is cancelled;
  ///   documents are then discarded.
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
      // The writers that hold an image which others refused.
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
    let picture = try await decoding.value
    try Task.checkCancellation()
    let detections = try detect(picture.image)
    let annotated = try AnnotatedImage(
      name: name, width: picture.width, height: picture.height, detections: picture.restored(detections), id: id)
    // Written first, since it may fail; put into place last, as no image without annotations gets one.
    let drawn = try overlay.map { try $0.open($0.encoded(picture.image, detections, name: name), name: name) }
    try write(annotated, into: &writers)
    do throws(FileError) { try drawn?.commit(synchronizesFolder: false) } catch { throw AnnotationError(error) }
    return annotated
  }

  /// An image that some of the writers cannot hold.
  private struct Refusal: Error {
    /// What the first of them says.
    let error: AnnotationError
    /// Those that hold it.
    let holders: Set<Int>
  }

  /// Hands an image to all writers; those that can hold it do, whatever the others say.
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

  /// The sentence of a failure, begun with the image's path where it named the image otherwise or not at all.
  private static func reason(_ sentence: String, name: String, path: String) -> String {
    if sentence.utf8.starts(with: "\(path): ".utf8) { return sentence }
    let prefix = "\(name): ".utf8
    guard sentence.utf8.starts(with: prefix) else { return "\(path): \(sentence)" }
    return "\(path): \(String(decoding: sentence.utf8.dropFirst(prefix.count), as: UTF8.self))"
  }
}

extension ReducedImage {
  /// Detections in `image` as detections in the file's image. Masks stay as they are, of a size that `AnnotatedImage`
  /// then refuses: an image whose masks matter is decoded whole.
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
  /// Whether the writers can go on with the next image.
  fileprivate var concernsOneImage: Bool {
    if case .invalidImage = self { true } else { false }
  }
}
