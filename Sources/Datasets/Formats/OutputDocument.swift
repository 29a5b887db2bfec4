import Files
import Synchronization

/// One output file that is being written, on disk or in memory.
final class OutputDocument: Sendable {
  private enum Storage: Sendable {
    case file(OutputFile)
    case memory(MemoryOutput, path: String?)
  }

  private let storage: Storage
  private let bytes = Mutex<[UInt8]>([])
  /// Whether a document in memory is complete; a file knows it itself.
  private let isComplete = Atomic<Bool>(false)

  /// Opens the document of a format that is one document.
  ///
  /// - Throws: `AnnotationError.output` for a folder, or a file that cannot be written.
  init(_ target: OutputTarget) throws(AnnotationError) {
    switch target {
    case .standardOutput: storage = .file(.standardOutput())
    case .file(let path):
      do { storage = .file(try OutputFile(path: path)) } catch { throw AnnotationError(error) }
    case .folder(let path): throw .output(path: path, reason: "the format is one file, not a folder")
    case .memory(let memory): storage = .memory(memory, path: nil)
    }
  }

  /// Opens a file in memory.
  init(_ memory: MemoryOutput, path: String) { storage = .memory(memory, path: path) }

  /// Wraps an open file.
  init(_ file: OutputFile) { storage = .file(file) }

  /// Adds text at the end.
  func write(_ text: String) throws(AnnotationError) {
    switch storage {
    case .file(let file): do { try file.write(text) } catch { throw AnnotationError(error) }
    case .memory:
      try requireIncomplete()
      bytes.withLock { $0.append(contentsOf: text.utf8) }
    }
  }

  /// Adds bytes at the end.
  func write(_ added: [UInt8]) throws(AnnotationError) {
    switch storage {
    case .file(let file): do { try file.write(added) } catch { throw AnnotationError(error) }
    case .memory:
      try requireIncomplete()
      bytes.withLock { $0 += added }
    }
  }

  /// Makes what was written so far visible to readers, if the document is written in place.
  func flush() throws(AnnotationError) {
    switch storage {
    case .file(let file): do { try file.flush() } catch { throw AnnotationError(error) }
    case .memory(let memory, let path): memory.put(bytes.withLock { $0 }, at: path)
    }
  }

  /// Completes the document and puts it in its place. On request the folder of a regular file is synced to disk.
  func commit(synchronizesFolder: Bool = true) throws(AnnotationError) {
    switch storage {
    case .file(let file):
      do { try file.commit(synchronizesFolder: synchronizesFolder) } catch { throw AnnotationError(error) }
    case .memory:
      try requireIncomplete()
      try flush()
      isComplete.store(true, ordering: .relaxed)
    }
  }

  private func requireIncomplete() throws(AnnotationError) {
    guard !isComplete.load(ordering: .relaxed) else {
      throw .output(path: "the output in memory", reason: "it is already complete")
    }
  }
}
