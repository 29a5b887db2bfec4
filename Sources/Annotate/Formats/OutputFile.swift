#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that appears whole or not at all: it is written beside its target and renamed by `commit()`.
///
/// A target that exists and is no regular file (`/dev/stdout`, a pipe) is written in place, as is standard output.
struct OutputFile: ~Copyable, Sendable {
  private static let capacity = 1 << 16

  private let target: String
  private let temporary: String?
  private var descriptor: Int32
  private var buffer: [UInt8] = []

  /// Opens standard output.
  static func standardOutput() -> OutputFile {
    OutputFile(target: "standard output", temporary: nil, descriptor: STDOUT_FILENO)
  }

  /// Opens a file to be put at `path`, replacing what is there.
  init(path: String) throws(AnnotationError) {
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists, status.st_mode & S_IFMT == S_IFDIR { throw .output(path: path, reason: FileSystem.reason(EISDIR)) }
    if exists, status.st_mode & S_IFMT != S_IFREG {
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw .output(path: path, reason: FileSystem.reason()) }
      self.init(target: path, temporary: nil, descriptor: descriptor)
      return
    }
    let target = exists ? Self.resolved(path) : path
    let folder = FileSystem.parent(of: target)
    guard FileSystem.isFolder(folder) else { throw .output(path: path, reason: "there is no folder \(folder)") }
    let file = try FileSystem.openTemporary(in: folder)
    self.init(target: target, temporary: file.path, descriptor: file.descriptor)
  }

  private init(target: String, temporary: String?, descriptor: Int32) {
    self.target = target
    self.temporary = temporary
    self.descriptor = descriptor
  }

  deinit {
    guard descriptor >= 0, descriptor != STDOUT_FILENO else { return }
    close(descriptor)
    if let temporary { unlink(temporary) }
  }

  /// Adds text at the end.
  mutating func write(_ text: String) throws(AnnotationError) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= Self.capacity { try flush() }
  }

  /// Adds bytes at the end.
  mutating func write(_ bytes: [UInt8]) throws(AnnotationError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.capacity { try flush() }
  }

  /// Hands what was added so far to the system.
  mutating func flush() throws(AnnotationError) {
    try FileSystem.writeAll(buffer, to: descriptor, path: target)
    buffer.removeAll(keepingCapacity: true)
  }

  /// Puts the file into place.
  consuming func commit() throws(AnnotationError) {
    try flush()
    if descriptor == STDOUT_FILENO { return }
    let closed = close(descriptor)
    let code = errno
    descriptor = -1
    guard let temporary else {
      if closed != 0 { throw .output(path: target, reason: FileSystem.reason(code)) }
      return
    }
    guard closed == 0 else {
      unlink(temporary)
      throw .output(path: target, reason: FileSystem.reason(code))
    }
    guard rename(temporary, target) == 0 else {
      let reason = FileSystem.reason()
      unlink(temporary)
      throw .output(path: target, reason: reason)
    }
  }

  /// The path with symbolic links followed, so that a link to a file stays one.
  private static func resolved(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
