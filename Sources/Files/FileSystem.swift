import Glibc

/// Operations of the file system. Paths are handled as bytes, since a Swift character may join a `/` with a combining
/// mark after it.
package enum FileSystem {
  /// The system's message for an `errno`.
  package static func reason(_ code: Int32 = errno) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let start = buffer.baseAddress, strerror_r(code, start, buffer.count) == 0 else { return "error \(code)" }
      return String(cString: start)
    }
  }

  /// Whether `path` leads to a folder.
  package static func isFolder(_ path: String) -> Bool { FileIdentity(path: path)?.isFolder ?? false }

  /// Whether `path` leads to something other than a regular file or folder, such as a pipe or device.
  package static func isSpecial(_ path: String) -> Bool {
    FileIdentity(path: path).map { !$0.isFolder && !$0.isRegular } ?? false
  }

  /// The folder for temporary files: `TMPDIR`, else `/tmp`.
  package static var temporaryFolder: String {
    guard let value = getenv("TMPDIR"), value.pointee != 0 else { return "/tmp" }
    return String(cString: value)
  }

  /// The working directory; nil if it no longer exists, with the reason in `errno`.
  package static var workingFolder: String? {
    guard let folder = getcwd(nil, 0) else { return nil }
    defer { free(folder) }
    return String(cString: folder)
  }

  /// The absolute path without links, `.` and `..`; nil if nothing is there, with the reason in `errno`.
  package static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Creates a folder and its parents if they are missing.
  package static func makeFolders(_ path: String) throws(FileError) {
    if isFolder(path) { return }
    let parent = Path.parent(of: path)
    if parent != path, parent != "." { try makeFolders(parent) }
    if mkdir(path, 0o777) == 0 { return }
    let code = errno
    if code == EEXIST, isFolder(path) { return }
    if code == EEXIST, FileIdentity(path: path) == nil {
      throw .refused(path: path, reason: "it is a link whose target does not exist")
    }
    throw .failed(path: path, code: code == EEXIST ? ENOTDIR : code)
  }

  /// Syncs a folder to disk, so that the files put there survive a power failure. A folder that cannot be opened is
  /// skipped.
  package static func synchronize(folder: String) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// Opens an unnamed temporary file in a folder, for reading and writing. It vanishes when its descriptor is closed.
  package static func openNameless(in folder: String) throws(FileError) -> Int32 {
    while true {
      let path = "\(folder)/\(temporaryName())"
      let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      if descriptor >= 0 {
        unlink(path)
        return descriptor
      }
      let code = errno
      if code != EEXIST, code != EINTR { throw .failed(path: folder, code: code) }
    }
  }

  /// A random name for a temporary file.
  static func temporaryName() -> String { ".limn-\(String(UInt64.random(in: .min ... .max), radix: 36)).tmp" }

  /// Writes all bytes to a descriptor; `path` names it in errors.
  package static func writeAll(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String
  ) throws(FileError) {
    var start = 0
    while start < bytes.count {
      let count = write(descriptor, bytes.baseAddress?.advanced(by: start), bytes.count - start)
      if count >= 0 {
        start += count
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&ready, 1, -1)
      case EPIPE: throw .readerGone
      case let code: throw .failed(path: path, code: code)
      }
    }
  }

  /// Writes all bytes to a descriptor; `path` names it in errors.
  package static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(FileError) {
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(FileError) in try writeAll(bytes, to: descriptor, path: path) }
    }
    try result.get()
  }

  /// Reads a descriptor from its position to its end, part by part; `path` names it in errors.
  package static func readAll(
    _ descriptor: Int32, path: String, _ receive: (UnsafeRawBufferPointer) throws(FileError) -> Void
  ) throws(FileError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .failed(path: path, code: errno) }
      if count == 0 { return }
      try receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  /// Reads a regular file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - limit: The largest size, in bytes.
  ///   - prefix: The number of bytes that `inspect` needs.
  ///   - inspect: Checks the first bytes, so that a file of the wrong kind is refused before the rest is read.
  /// - Throws: `FileError`, and what `inspect` throws.
  package static func contents(
    of path: String, limit: Int, prefix: Int = 0, inspect: (ArraySlice<UInt8>) throws -> Void = { _ in }
  ) throws -> [UInt8] {
    guard !path.utf8.contains(0) else { throw FileError.refused(path: path, reason: "a path cannot hold a zero byte") }
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileError.failed(path: path, code: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError.failed(path: path, code: errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw FileError.refused(path: path, reason: "this is a folder, not a file")
    default: throw FileError.refused(path: path, reason: "this is not a regular file")
    }
    let size = Int(status.st_size)
    if prefix > 0 { try inspect(bytes(descriptor, path: path, count: min(size, prefix))[...]) }
    guard size <= limit else {
      throw FileError.tooLarge(path: path, size: size, limit: limit)
    }
    return try bytes(descriptor, path: path, count: size)
  }

  private static func bytes(_ descriptor: Int32, path: String, count: Int) throws(FileError) -> [UInt8] {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(filled))
        if got < 0 && errno == EINTR { continue }
        if got < 0 { code = errno }
        if got <= 0 { break }
        filled += got
      }
    }
    guard code == 0 else { throw .failed(path: path, code: code) }
    return bytes
  }
}

extension [UInt8] {
  /// The bytes of a text in UTF-8 without the byte order mark that some editors put at its start.
  package var withoutByteOrderMark: ArraySlice<UInt8> {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    return starts(with: mark) ? dropFirst(mark.count) : self[...]
  }
}
