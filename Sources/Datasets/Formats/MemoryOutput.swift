import Synchronization

/// An output in memory, for `OutputTarget.memory`.
public final class MemoryOutput: Sendable {
  private struct Content: Sendable {
    var document: [UInt8]?
    var files: [String: [UInt8]] = [:]
  }

  private let content = Mutex(Content())

  /// Makes an empty output. Each writer needs its own.
  public init() {}

  /// The bytes of a format of one document, or nil until the writer is finished. For `jsonl` the lines written so far.
  public var document: [UInt8]? { content.withLock(\.document) }

  /// The document as text, or nil until the writer is finished. For `jsonl` the lines written so far.
  public var text: String? { document.map { String(decoding: $0, as: UTF8.self) } }

  /// The files of a format of several files, by path in the folder. Lists of all images appear when the writer is
  /// finished.
  public var files: [String: [UInt8]] { content.withLock(\.files) }

  /// Stores a file, or the document if `path` is nil.
  func put(_ bytes: [UInt8], at path: String?) {
    content.withLock { content in
      if let path { content.files[path] = bytes } else { content.document = bytes }
    }
  }
}
