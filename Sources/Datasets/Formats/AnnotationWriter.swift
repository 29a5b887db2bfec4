/// Writes annotated images one by one. Its memory does not grow with the number of detections.
///
/// Copies of a writer share one output, so write through only one of them. A document appears, complete, when
/// `finish()` is called; a writer that is released before leaves none. Formats with a file per image put each file in
/// its place at once.
public protocol AnnotationWriter: Sendable {
  /// Writes the annotations of one image.
  ///
  /// - Throws: `AnnotationError.invalidImage` when the format cannot represent the image. Nothing of it is written, and
  ///   writing can go on with the next image. After `AnnotationError.output` or `outputClosed` nothing more can be
  ///   written.
  mutating func write(_ image: AnnotatedImage) throws(AnnotationError)

  /// Records that an image could not be annotated. Formats that cannot represent failures write nothing.
  ///
  /// - Parameters:
  ///   - name: The name of the image.
  ///   - reason: A sentence for the user.
  /// - Throws: `AnnotationError.output` or `outputClosed`, after which nothing more can be written.
  mutating func writeFailure(name: String, reason: String) throws(AnnotationError)

  /// Sentences for the user about what the format could not represent exactly in the images so far, with counts.
  var notes: [String] { get }

  /// Completes the output and puts it in its place. Nothing can be written afterwards.
  ///
  /// - Throws: `AnnotationError.output` or `outputClosed`.
  mutating func finish() throws(AnnotationError)
}

extension AnnotationWriter {
  /// Writes nothing: by default a format cannot represent failures.
  public mutating func writeFailure(name: String, reason: String) throws(AnnotationError) {}

  /// No sentences: by default a format represents everything exactly.
  public var notes: [String] { [] }
}

/// A writer of one of the formats of `AnnotationFormat`.
protocol FormatWriter: AnnotationWriter {
  /// Opens the output.
  init(to target: OutputTarget, labels: [String], options: FormatOptions) throws(AnnotationError)

  /// Whether the format is one document rather than a folder of files.
  static var isOneDocument: Bool { get }

  /// The paths in the folder that an image of the given name may take.
  static func files(for name: String) -> [String]

  /// The paths in the folder of the files that all images share.
  static var tables: [String] { get }
}

extension FormatWriter {
  static var isOneDocument: Bool { true }
  static func files(for name: String) -> [String] { [] }
  static var tables: [String] { [] }
}
