#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Text kept on disk until its place in a document comes: a file without a name, gone with its owner.
struct Spool: ~Copyable, Sendable {
  private static let capacity = 1 << 16

  private let folder: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  /// Makes an empty spool in a folder.
  init(in folder: String) throws(AnnotationError) {
    let file = try FileSystem.openTemporary(in: folder)
    unlink(file.path)
    self.folder = folder
    descriptor = file.descriptor
  }

  deinit { close(descriptor) }

  /// Adds text at the end.
  mutating func write(_ text: String) throws(AnnotationError) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= Self.capacity { try flush() }
  }

  /// Copies everything into a file.
  mutating func copy(to output: inout OutputFile) throws(AnnotationError) {
    try flush()
    guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw .output(path: folder, reason: FileSystem.reason()) }
    var chunk = [UInt8](repeating: 0, count: Self.capacity)
    while true {
      let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return }
      if count > 0 {
        try output.write(Array(chunk[..<count]))
      } else if errno != EINTR {
        throw .output(path: folder, reason: FileSystem.reason())
      }
    }
  }

  private mutating func flush() throws(AnnotationError) {
    try FileSystem.writeAll(buffer, to: descriptor, path: folder)
    buffer.removeAll(keepingCapacity: true)
  }
}
