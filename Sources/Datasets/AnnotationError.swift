/// Why annotations could not be written, or read.
public enum AnnotationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One picture, or its detections, does not fit the format. The writer is unchanged and takes the next picture.
  case invalidImage(String)
  /// The set of class names does not fit the format. Nothing was written.
  case invalidLabels(String)
  /// Outputs that do not fit their formats, or that would replace one another or an input. Nothing was written.
  case conflict(String)
  /// A file of annotations could not be read.
  case input(path: String, reason: String)
  /// A file or folder could not be written. Nothing more can be: what was begun is discarded.
  case output(path: String, reason: String)
  /// The reader of standard output has gone away.
  case outputClosed

  /// The sentence to show.
  public var description: String {
    switch self {
    case .invalidImage(let text), .invalidLabels(let text), .conflict(let text): text
    case .input(let path, let reason): "cannot read \(path): \(reason)"
    case .output(let path, let reason): "cannot write \(path): \(reason)"
    case .outputClosed: "standard output was closed by its reader"
    }
  }
}
