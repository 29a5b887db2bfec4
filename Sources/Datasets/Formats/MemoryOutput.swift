import Synchronization

/// Annotations that stay in memory.
public final class MemoryOutput: Sendable {
  private struct Content: Sendable {
    var document: [UInt8]?
    var files: [String: [UInt8]] = [:]
  }

  private let content = Mutex(Content())

  /// Makes an empty output. Give each writer one of its own.
  public init() {}

  /// The document of a format that is one; nil until it is finished. Of `jsonl`, the lines so far.
  public var document: [UInt8]? { content.withLock(\.document) }

  /// The document as text; nil until it is finished.
  public var text: String? { document.map { String(decoding: $0, as: UTF8.self) } }

  /// The files of other formats, by their paths in the folder. What is written at the end is there when it is finished.
  public var files: [String: [UInt8]] { content.withLock(\.files) }

  /// Takes a file, or the document where no path is given.
  func put(_ bytes: [UInt8], at path: String?) {
    content.withLock { content in
      if let path { content.files[path] = bytes } else { content.document = bytes }
    }
  }
}
