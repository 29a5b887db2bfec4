/// Where a document goes.
public enum OutputTarget: Sendable, Hashable {
  /// Standard output, as the document is made.
  case standardOutput
  /// A file, which appears when the document is complete.
  case file(String)

  /// Opens the target.
  func open() throws(AnnotationError) -> OutputFile {
    switch self {
    case .standardOutput: OutputFile.standardOutput()
    case .file(let path): try OutputFile(path: path)
    }
  }

  /// The folder where a document's spool belongs: beside a regular file, where there is room for it.
  var spoolFolder: String {
    switch self {
    case .standardOutput: FileSystem.temporaryFolder
    case .file(let path) where FileSystem.isSpecial(path): FileSystem.temporaryFolder
    case .file(let path): FileSystem.parent(of: path)
    }
  }
}
