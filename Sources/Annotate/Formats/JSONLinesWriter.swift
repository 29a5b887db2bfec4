/// Writes `jsonl`: the object of `json` a line, flushed as it is made; failures as `{"image": ..., "error": ...}`.
public struct JSONLinesWriter: AnnotationWriter, ~Copyable {
  private var output: OutputFile

  /// Opens the document.
  public init(to target: OutputTarget) throws(AnnotationError) {
    output = try target.open()
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
  public consuming func finish() throws(AnnotationError) {
    try output.commit()
  }
}
