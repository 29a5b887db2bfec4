import JSON

/// Writes the format `jsonl` (JSON Lines): one object per line and image, flushed at once.
///
/// The objects are those of `JSONWriter`. An image that failed has the line `{"image": ..., "error": ...}`.
public struct JSONLinesWriter: FormatWriter {
  private let output: OutputDocument

  /// Makes a writer and opens the document.
  ///
  /// - Parameters:
  ///   - target: Standard output, a file or memory.
  ///   - labels: Ignored: each detection has its label.
  ///   - options: Ignored.
  /// - Throws: `AnnotationError.output` for a target that cannot be written.
  public init(
    to target: OutputTarget, labels: [String] = [], options: FormatOptions = FormatOptions()
  ) throws(AnnotationError) {
    output = try OutputDocument(target)
  }

  /// Writes the image's line.
  ///
  /// - Throws: `AnnotationError.output` or `outputClosed` if the document cannot be written.
  public mutating func write(_ image: AnnotatedImage) throws(AnnotationError) {
    try output.write(JSONWriter.object(image) + "\n")
    try output.flush()
  }

  /// Writes a failure's line.
  ///
  /// - Throws: `AnnotationError.output` or `outputClosed` if the document cannot be written.
  public mutating func writeFailure(name: String, reason: String) throws(AnnotationError) {
    try output.write("{\"image\": \(JSONText.quoted(name)), \"error\": \(JSONText.quoted(reason))}\n")
    try output.flush()
  }

  /// Puts the document in its place.
  ///
  /// - Throws: `AnnotationError.output` or `outputClosed` if the document cannot be written.
  public mutating func finish() throws(AnnotationError) {
    try output.commit()
  }
}
