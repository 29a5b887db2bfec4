import Files

/// Where annotations go.
public enum OutputTarget: Sendable {
  /// Standard output, as the document is made.
  case standardOutput
  /// A file, which appears when the document is complete.
  case file(String)
  /// A folder of files, made where it is missing.
  case folder(String)
  /// The memory of the program, for documents and folders alike.
  case memory(MemoryOutput)

  /// The folder where a document's spool belongs: beside a regular file, where there is room for it.
  var spoolFolder: String {
    switch self {
    case .file(let path) where !FileSystem.isSpecial(path): Path.parent(of: path)
    default: FileSystem.temporaryFolder
    }
  }
}
