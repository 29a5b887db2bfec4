/// The reason why annotations could not be written or read.
public enum AnnotationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The format cannot represent an image or its detections. Nothing of it was written, and the writer can go on.
  case invalidImage(String)
  /// The format cannot represent the class names. Nothing was written.
  case invalidLabels(String)
  /// Outputs do not suit their formats, or would replace each other or an input. Nothing was written.
  case conflict(String)
  /// An annotation file could not be read.
  case input(path: String, reason: String)
  /// A file or folder could not be written. The writer cannot go on, and incomplete documents are discarded.
  case output(path: String, reason: String)
  /// The program that read standard output has closed it.
  case outputClosed

  /// The sentence to show to the user.
  public var description: String {
    switch self {
    case .invalidImage(let text), .invalidLabels(let text), .conflict(let text): text
    case .input(let path, let reason): "cannot read \(path): \(reason)"
    case .output(let path, let reason): "cannot write \(path): \(reason)"
    case .outputClosed: "standard output was closed by its reader"
    }
  }
}
