/// Writes annotated pictures one by one, in memory that does not grow with their detections.
///
/// A writer stands for an output in the making, which its copies share: write through one of them. Documents appear in
/// their place when `finish()` is called, whole; a writer that goes away unfinished leaves none. Formats of one file a
/// picture put each file into place at once.
public protocol AnnotationWriter: Sendable {
  /// Writes one picture's annotations.
  ///
  /// - Throws: `AnnotationError.invalidImage` when the format cannot hold this picture: nothing of it is written and the
  ///   writer takes the next one. `.output` and `.outputClosed` end the writing.
  mutating func write(_ image: AnnotatedImage) throws(AnnotationError)

  /// Records a picture that could not be annotated. Formats without a place for failures leave it out.
  mutating func writeFailure(name: String, reason: String) throws(AnnotationError)

  /// What the format could not hold as it was, in sentences for the user, counted over the pictures so far.
  var notes: [String] { get }

  /// Completes the output and puts it into place. Nothing is written after it.
  mutating func finish() throws(AnnotationError)
}

extension AnnotationWriter {
  /// Leaves the failure out.
  public mutating func writeFailure(name: String, reason: String) throws(AnnotationError) {}

  /// Nothing: the format holds all that it was given.
  public var notes: [String] { [] }
}

/// The writer of one of `AnnotationFormat`.
protocol FormatWriter: AnnotationWriter {
  /// Opens the output.
  init(to target: OutputTarget, labels: [String], options: FormatOptions) throws(AnnotationError)

  /// Whether the format is one document rather than a folder of files.
  static var isOneDocument: Bool { get }

  /// The files in the folder that a picture of that name may have.
  static func files(for name: String) -> [String]

  /// The files in the folder that all pictures share.
  static var tables: [String] { get }
}

extension FormatWriter {
  static var isOneDocument: Bool { true }
  static func files(for name: String) -> [String] { [] }
  static var tables: [String] { [] }
}
