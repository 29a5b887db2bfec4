import Files

/// A folder of files in the making, on disk or in memory: tables that all pictures share, and files of pictures in the
/// subfolders of their names.
struct OutputFolder: Sendable {
  private enum Place: Sendable {
    case folder(String)
    case memory(MemoryOutput)
  }

  private let place: Place
  /// The stems of pictures that have their files. As bytes, since names that are canonically equivalent are two.
  private var stems: Set<[UInt8]> = []
  /// The folders that files were put into.
  private var folders: Set<String> = []

  /// Makes the folder where it is missing.
  ///
  /// - Throws: `AnnotationError.output` where it cannot be made, or the target is a document's.
  init(_ target: OutputTarget) throws(AnnotationError) {
    switch target {
    case .folder(let path):
      do { try FileSystem.makeFolders(path) } catch { throw AnnotationError(error) }
      place = .folder(path)
    case .memory(let memory): place = .memory(memory)
    case .file(let path): throw .output(path: path, reason: "the format is a folder of files, not one file")
    case .standardOutput: throw .output(path: "standard output", reason: "the format is a folder of files")
    }
  }

  /// The folder's path without links; nil in memory.
  var absolutePath: String? {
    guard case .folder(let path) = place else { return nil }
    return FileSystem.resolved(path) ?? path
  }

  /// Opens a table.
  mutating func table(_ path: String) throws(AnnotationError) -> OutputDocument {
    do {
      return try open(path)
    } catch {
      throw AnnotationError(error)
    }
  }

  /// Puts files of one picture into place, all of them or none.
  ///
  /// - Parameters:
  ///   - files: their bytes by their paths in the folder.
  ///   - name: the picture's name.
  /// - Throws: `AnnotationError.invalidImage` when the name would leave the folder or is too long for the system, when
  ///   another picture has the same files (`a.jpg` and `a.png`), or when something is in the way that is no file.
  mutating func write(_ files: [(path: String, bytes: [UInt8])], for name: String) throws(AnnotationError) {
    let parts = Path.parts(of: name, omittingEmpty: false)
    guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }), !name.utf8.contains(0) else {
      throw .invalidImage("\(name): not a relative path that stays within the output folder")
    }
    let stem = Array(Path.stem(of: name).utf8)
    guard !stems.contains(stem) else {
      let path = files.first?.path ?? name
      throw .invalidImage("\(name): its annotations would replace those of another image, \(path)")
    }
    var opened: [OutputDocument] = []
    for file in files {
      do throws(FileError) {
        opened.append(try open(file.path))
      } catch {
        guard error.concernsOneName else { throw AnnotationError(error) }
        throw .invalidImage("\(name): cannot write \(file.path) in the output folder: \(error.reason)")
      }
    }
    for (document, file) in zip(opened, files) { try document.write(file.bytes) }
    for document in opened { try document.commit(synchronizesFolder: false) }
    stems.insert(stem)
  }

  /// Makes all names that were put into place last.
  func synchronize() {
    for folder in folders { FileSystem.synchronize(folder: folder) }
  }

  private mutating func open(_ path: String) throws(FileError) -> OutputDocument {
    switch place {
    case .memory(let memory): return OutputDocument(memory, path: path)
    case .folder(let folder):
      let target = Path.joined(folder, path)
      let parent = Path.parent(of: target)
      if !folders.contains(parent) {
        try FileSystem.makeFolders(parent)
        folders.insert(parent)
      }
      return OutputDocument(try OutputFile(path: target, replacing: .regular))
    }
  }
}
