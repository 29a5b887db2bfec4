#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Whole files, read with limits and written at once or not at all.
package enum FileBytes {
  /// Reads a regular file.
  ///
  /// - Parameter inspect: sees the first bytes, so that a file of the wrong kind is refused before the rest is read.
  package static func load(
    _ path: String, limit: Int, inspect: (ArraySlice<UInt8>) throws(ImageFileError) -> Void
  ) throws(ImageFileError) -> [UInt8] {
    guard !path.utf8.contains(0) else { throw .unreadable("\(path): a path cannot hold a zero byte") }
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable("\(path): \(lastError())") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .unreadable("\(path): \(lastError())") }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .unreadable("\(path): this is a folder, not a file")
    default: throw .unreadable("\(path): this is not a regular file")
    }
    let size = Int(status.st_size)
    guard size > 0 else { throw .unreadable("\(path): the file is empty") }

    let prefix = try read(descriptor, path: path, from: 0, count: min(size, ImageFile.Format.prefixCount))
    try inspect(prefix[...])
    guard size <= limit else { throw .overLimit("\(path): \(size) bytes are more than the limit of \(limit)") }
    return try read(descriptor, path: path, from: 0, count: size)
  }

  private static func read(
    _ descriptor: Int32, path: String, from start: Int, count: Int
  ) throws(ImageFileError) -> [UInt8] {
    var failure: String?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(start + filled))
        if got < 0 && errno == EINTR { continue }
        if got < 0 { failure = lastError() }
        if got <= 0 { break }
        filled += got
      }
    }
    if let failure { throw .unreadable("\(path): \(failure)") }
    return bytes
  }

  /// Writes a file beside its place, then renames it, so that `path` holds all of `bytes` or what it held before.
  static func save(_ bytes: [UInt8], to path: String) throws(ImageFileError) {
    guard !path.utf8.contains(0) else { throw .unwritable("\(path): a path cannot hold a zero byte") }
    let folderEnd = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
    let beside = "\(path[..<folderEnd]).limn-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    let descriptor = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .unwritable("\(path): \(lastError())") }
    var failure: String?
    bytes.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count {
        let count = write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
        if count < 0 && errno == EINTR { continue }
        if count < 0 {
          failure = lastError()
          return
        }
        written += count
      }
    }
    if close(descriptor) != 0, failure == nil { failure = lastError() }
    if failure == nil, rename(beside, path) != 0 { failure = lastError() }
    if let failure {
      unlink(beside)
      throw .unwritable("\(path): \(failure)")
    }
  }

  private static func lastError() -> String { String(cString: strerror(errno)) }
}
