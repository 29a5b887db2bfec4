import Glibc
import Synchronization

/// A file that is written atomically: it appears complete or not at all, even after a power failure.
///
/// The file is written without a name in its folder, or under a temporary one if the file system does not support that,
/// synced, and put in its place by `commit()`. Limn writes all files for its user this way.
///
/// A file that is replaced passes on its permissions, and its owner if the system allows it. A symbolic link stays, and
/// its target is replaced. Standard output, and a pipe or device where allowed, is written in place. An output file
/// that is released before it is committed leaves the old file.
package final class OutputFile: Sendable {
  /// What may be replaced or written to.
  package enum Place: Sendable {
    /// A regular file, or nothing.
    case regular
    /// A regular file or nothing, or a pipe or device, which is written in place.
    case any
  }

  private static let capacity = 1 << 16
  /// `O_PATH`, which Swift does not import.
  private static let pathOnly: Int32 = 0o10_000_000
  /// `O_TMPFILE`: a file without a name, which leaves nothing behind however the process ends.
  private static let nameless: Int32 = 0o20_000_000 | O_DIRECTORY

  private struct State: ~Copyable {
    /// The open file; -1 once it is closed.
    var descriptor: Int32
    /// The folder of the file with its final and temporary names; nil for a file written in place.
    let beside: Beside?
    var buffer: [UInt8] = []

    deinit {
      guard descriptor >= 0 else { return }
      beside?.discard()
      if descriptor != STDOUT_FILENO { close(descriptor) }
    }
  }

  /// The file's place in an open folder, relative to which names are as short as possible.
  final class Beside: Sendable {
    let folder: Int32
    let name: String
    /// The temporary name; nil for a file without a name.
    let temporary: String?

    init(folder: Int32, name: String, temporary: String?) {
      self.folder = folder
      self.name = name
      self.temporary = temporary
    }

    deinit { close(folder) }

    func discard() {
      if let temporary { unlinkat(folder, temporary, 0) }
    }

    /// Gives the file its final name, replacing a file of that name.
    ///
    /// - Returns: 0, or an `errno`.
    func rename(_ descriptor: Int32) -> Int32 {
      if let temporary { return replace(by: temporary) }
      let file = OutputFile.link(of: descriptor)
      if linkat(AT_FDCWD, file, folder, name, AT_SYMLINK_FOLLOW) == 0 { return 0 }
      guard errno == EEXIST else { return copy(descriptor) }
      // `linkat` replaces nothing, so an existing file needs a second step.
      let temporary = FileSystem.temporaryName()
      guard linkat(AT_FDCWD, file, folder, temporary, AT_SYMLINK_FOLLOW) == 0 else { return copy(descriptor) }
      return replace(by: temporary)
    }

    /// Puts a copy in the file's place, if the system does not allow linking to the file.
    ///
    /// - Returns: 0, or an `errno`.
    func copy(_ descriptor: Int32) -> Int32 {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { return errno }
      let temporary = FileSystem.temporaryName()
      let target = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard target >= 0 else { return errno }
      var code = Self.copy(descriptor, to: target)
      if code == 0 {
        _ = fchown(target, status.st_uid, status.st_gid)
        if fchmod(target, status.st_mode & 0o7777) != 0 || fsync(target) != 0 { code = errno }
      }
      if Glibc.close(target) != 0, code == 0 { code = errno }
      guard code == 0 else {
        unlinkat(folder, temporary, 0)
        return code
      }
      return replace(by: temporary)
    }

    private static func copy(_ source: Int32, to target: Int32) -> Int32 {
      guard lseek(source, 0, SEEK_SET) == 0 else { return errno }
      do throws(FileError) {
        try FileSystem.readAll(source, path: "") { (bytes) throws(FileError) in
          try FileSystem.writeAll(bytes, to: target, path: "")
        }
        return 0
      } catch {
        guard case .failed(_, let code) = error else { return EIO }
        return code
      }
    }

    private func replace(by temporary: String) -> Int32 {
      guard renameat(folder, temporary, folder, name) != 0 else { return 0 }
      let code = errno
      unlinkat(folder, temporary, 0)
      return code
    }
  }

  private let target: String
  private let state: Mutex<State>

  /// Opens standard output.
  package static func standardOutput() -> OutputFile {
    OutputFile(target: "standard output", State(descriptor: STDOUT_FILENO, beside: nil))
  }

  /// Opens a file that will replace what is at `path`.
  ///
  /// - Parameters:
  ///   - path: The path of the file.
  ///   - place: What may be replaced.
  ///   - isNamed: Whether the file has a temporary name from the start, as on file systems that support no unnamed
  ///     files.
  package convenience init(path: String, replacing place: Place = .any, isNamed: Bool = false) throws(FileError) {
    guard !path.utf8.contains(0) else { throw .refused(path: path, reason: "a path cannot hold a zero byte") }
    var status = stat()
    let exists = stat(path, &status) == 0
    guard exists || errno == ENOENT, !path.isEmpty else { throw .failed(path: path, code: errno) }
    if exists, status.st_mode & S_IFMT == S_IFDIR { throw .failed(path: path, code: EISDIR) }
    if exists, status.st_mode & S_IFMT != S_IFREG {
      guard place == .any else { throw .refused(path: path, reason: "it exists and is not a regular file") }
      let descriptor = Glibc.open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw .failed(path: path, code: errno) }
      self.init(target: path, State(descriptor: descriptor, beside: nil))
      return
    }
    let target = exists ? FileSystem.resolved(path) ?? path : try Self.leading(from: path)
    let name = Path.lastPart(of: target)
    guard name.utf8.count <= Int(NAME_MAX) else { throw .failed(path: path, code: ENAMETOOLONG) }
    let folder = try Self.open(folder: Path.parent(of: target), of: path)
    let mode = exists ? status.st_mode & 0o7777 : 0o666
    var temporary: String?
    var descriptor = isNamed ? -1 : openat(folder, ".", O_RDWR | Self.nameless | O_CLOEXEC, mode & 0o777)
    if descriptor >= 0, access(Self.link(of: descriptor), F_OK) != 0 {
      // Without /proc the file could not be given a name.
      close(descriptor)
      descriptor = -1
    }
    if descriptor < 0 {
      repeat {
        let name = FileSystem.temporaryName()
        temporary = name
        descriptor = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 0o777)
      } while descriptor < 0 && (errno == EEXIST || errno == EINTR)
    }
    guard descriptor >= 0 else {
      let code = errno
      close(folder)
      throw .failed(path: path, code: code)
    }
    if exists {
      // Changing the owner clears bits of the mode, so the mode is set last.
      if status.st_uid != geteuid() || status.st_gid != getegid() {
        _ = fchown(descriptor, status.st_uid, status.st_gid)
      }
      _ = fchmod(descriptor, mode)
    }
    self.init(
      target: path,
      State(descriptor: descriptor, beside: Beside(folder: folder, name: name, temporary: temporary)))
  }

  private init(target: String, _ state: consuming sending State) {
    self.target = target
    self.state = Mutex(state)
  }

  /// Adds text at the end.
  package func write(_ text: String) throws(FileError) { try write(text.utf8) }

  /// Adds bytes at the end.
  package func write(_ bytes: some Collection<UInt8>) throws(FileError) {
    try state.withLock { (state) throws(FileError) in
      guard state.descriptor >= 0 else { throw .refused(path: target, reason: "it is already complete") }
      state.buffer.append(contentsOf: bytes)
      if state.buffer.count >= Self.capacity { try flush(&state) }
    }
  }

  /// Passes the bytes written so far to the system.
  package func flush() throws(FileError) {
    try state.withLock { (state) throws(FileError) in try flush(&state) }
  }

  private func flush(_ state: inout State) throws(FileError) {
    guard state.descriptor >= 0 else { throw .refused(path: target, reason: "it is already complete") }
    try FileSystem.writeAll(state.buffer, to: state.descriptor, path: target)
    state.buffer.removeAll(keepingCapacity: true)
  }

  /// Completes the file and puts it in its place.
  ///
  /// - Parameter synchronizesFolder: Whether the folder is synced as well, so that the name survives a power failure. A
  ///   caller that writes many files to a folder does that once, with `FileSystem.synchronize(folder:)`.
  package func commit(synchronizesFolder: Bool = true) throws(FileError) {
    try state.withLock { (state) throws(FileError) in
      try flush(&state)
      if state.descriptor == STDOUT_FILENO { return }
      guard let beside = state.beside else {
        let closed = close(state.descriptor)
        state.descriptor = -1
        if closed != 0 { throw .failed(path: target, code: errno) }
        return
      }
      // Renamed before it is closed: a file without a name can only be reached by its descriptor.
      var code = fsync(state.descriptor) == 0 ? 0 : errno
      if code == 0 { code = beside.rename(state.descriptor) } else { beside.discard() }
      if close(state.descriptor) != 0, code == 0 { code = errno }
      state.descriptor = -1
      guard code == 0 else { throw .failed(path: target, code: code) }
      if synchronizesFolder { fsync(beside.folder) }
    }
  }

  /// The path under which the system offers an open file.
  fileprivate static func link(of descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }

  private static func open(folder: String, of path: String) throws(FileError) -> Int32 {
    let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor >= 0 { return descriptor }
    switch errno {
    case ENOENT: throw .refused(path: path, reason: "there is no folder \(folder)")
    case EACCES:
      // A folder that may not be listed may still be written.
      let descriptor = Glibc.open(folder, pathOnly | O_DIRECTORY | O_CLOEXEC)
      if descriptor >= 0 { return descriptor }
      throw .failed(path: path, code: errno)
    case let code: throw .failed(path: path, code: code)
    }
  }

  /// The path that a missing file at `path` would have: `path` itself, or the target of a dangling link there.
  private static func leading(from path: String) throws(FileError) -> String {
    var target = path
    // The system follows at most 40 links.
    for _ in 0..<40 {
      let link = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
        count = buffer.withMemoryRebound(to: CChar.self) { buffer in
          buffer.baseAddress.map { max(readlink(target, $0, buffer.count), 0) } ?? 0
        }
      }
      guard !link.isEmpty else { return target }
      guard let name = String(validating: link, as: UTF8.self) else {
        throw .refused(path: path, reason: "it is a link to a name that is not valid UTF-8")
      }
      target = link.first == UInt8(ascii: "/") ? name : Path.joined(Path.parent(of: target), name)
    }
    throw .failed(path: path, code: ELOOP)
  }
}
