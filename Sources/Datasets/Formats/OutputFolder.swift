import Files

/// An output folder, on disk or in memory, with files that all images share and files of each image.
struct OutputFolder: Sendable {
  private enum Place: Sendable {
    case folder(String)
    case memory(MemoryOutput)
  }

  private let place: Place
  /// The stems of the images written so far, as bytes: canonically equivalent names are different files.
  private var stems: Set<[UInt8]> = []
  /// The folders with written files.
  private var folders: Set<String> = []
  private var isComplete = false

  /// Opens the folder, and creates it if it is missing.
  ///
  /// - Throws: `AnnotationError.output` if it cannot be created, or the target is not a folder or memory.
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

  /// The folder's absolute path with links resolved; nil in memory.
  var absolutePath: String? {
    guard case .folder(let path) = place else { return nil }
    return FileSystem.resolved(path) ?? path
  }

  /// Opens a file that all images share.
  mutating func table(_ path: String) throws(AnnotationError) -> OutputDocument {
    do {
      return try open(path)
    } catch {
      throw AnnotationError(error)
    }
  }

  /// Writes the files of one image and puts them in their places.
  ///
  /// - Parameters:
  ///   - files: The paths in the folder, with the bytes.
  ///   - name: The image's name.
  /// - Throws: `AnnotationError.invalidImage` if the name would leave the folder or is too long for the system, if
  ///   another image has the same files (`a.jpg` and `a.png`), or if something other than a file is in the way.
  mutating func write(_ files: [(path: String, bytes: [UInt8])], for name: String) throws(AnnotationError) {
    try requireIncomplete()
    let parts = Path.parts(of: name, omittingEmpty: false)
    guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }), !name.utf8.contains(0) else {
      throw .invalidImage("\(name): the name must be a relative path that stays within the output folder")
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

  /// Ends the writing, and syncs the folders to disk, so that the files survive a power failure.
  mutating func finish() throws(AnnotationError) {
    try requireIncomplete()
    for folder in folders { FileSystem.synchronize(folder: folder) }
    isComplete = true
  }

  private func requireIncomplete() throws(AnnotationError) {
    guard isComplete else { return }
    let path =
      switch place {
      case .folder(let path): path
      case .memory: "the output in memory"
      }
    throw .output(path: path, reason: "it is already complete")
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
