/// Writes annotated pictures one by one, in memory that does not grow with their detections.
///
/// A writer owns its output: documents go to a file beside the target, which `finish()` renames into place. A writer
/// that goes away unfinished leaves no document. Formats of one file a picture put each file into place at once.
public protocol AnnotationWriter: ~Copyable, Sendable {
  /// Writes one picture's annotations.
  ///
  /// - Throws: `AnnotationError.invalidImage` when the format cannot hold this picture: nothing of it is written and the
  ///   writer takes the next one. `.output` and `.outputClosed` end the writing.
  mutating func write(_ image: AnnotatedImage) throws(AnnotationError)

  /// Records a picture that could not be annotated. Formats without a place for failures leave it out.
  mutating func writeFailure(name: String, reason: String) throws(AnnotationError)

  /// What the format could not hold as it was, in sentences for the user, counted over the pictures so far.
  var notes: [String] { get }

  /// Completes the output and puts it into place.
  consuming func finish() throws(AnnotationError)
}

extension AnnotationWriter where Self: ~Copyable {
  /// Leaves the failure out.
  public mutating func writeFailure(name: String, reason: String) throws(AnnotationError) {}

  /// Nothing: the format holds all that it was given.
  public var notes: [String] { [] }
}
