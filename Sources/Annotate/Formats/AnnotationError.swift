/// Why annotations could not be written.
public enum AnnotationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One picture, or its detections, does not fit the format. The writer is unchanged and takes the next picture.
  case invalidImage(String)
  /// The set of class names does not fit the format. Nothing was written.
  case invalidLabels(String)
  /// A file or folder could not be written. Nothing more can be: what was begun is discarded.
  case output(path: String, reason: String)
  /// The reader of standard output has gone away.
  case outputClosed

  /// The sentence to show.
  public var description: String {
    switch self {
    case .invalidImage(let text), .invalidLabels(let text): text
    case .output(let path, let reason): "cannot write \(path): \(reason)"
    case .outputClosed: "standard output was closed by its reader"
    }
  }
}
