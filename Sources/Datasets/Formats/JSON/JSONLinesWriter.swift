import JSON

/// Writes `jsonl`: the object of `json` a line, flushed as it is made; failures as `{"image": ..., "error": ...}`.
public struct JSONLinesWriter: FormatWriter {
  private let output: OutputDocument

  /// Opens the document. Labels and options do not concern it.
  public init(
    to target: OutputTarget, labels: [String] = [], options: FormatOptions = FormatOptions()
  ) throws(AnnotationError) {
    output = try OutputDocument(target)
  }

  /// Writes the picture's line.
  public mutating func write(_ image: AnnotatedImage) throws(AnnotationError) {
    try output.write(JSONWriter.object(image) + "\n")
    try output.flush()
  }

  /// Writes the failure's line.
  public mutating func writeFailure(name: String, reason: String) throws(AnnotationError) {
    try output.write("{\"image\": \(JSONText.quoted(name)), \"error\": \(JSONText.quoted(reason))}\n")
    try output.flush()
  }

  /// Puts the document into place.
  public mutating func finish() throws(AnnotationError) {
    try output.commit()
  }
}
