import Files

/// The place where annotations are written.
public enum OutputTarget: Sendable {
  /// Standard output, written while the document is made. For formats of one document.
  case standardOutput
  /// The file at a path, which appears when the document is complete. For formats of one document.
  case file(String)
  /// The folder at a path, created if it is missing. For formats of several files.
  case folder(String)
  /// Memory, for all formats.
  case memory(MemoryOutput)

  /// The folder for a document's temporary spool: that of the file, if it is a regular one.
  var spoolFolder: String {
    switch self {
    case .file(let path) where !FileSystem.isSpecial(path): Path.parent(of: path)
    default: FileSystem.temporaryFolder
    }
  }
}
