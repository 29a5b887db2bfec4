#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What the writers and the command line need of the file system.
package enum FileSystem {
  /// The reason of the last failed system call.
  package static func reason(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }

  /// Whether `path` is a folder, links followed.
  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether `path` is there, links followed, and neither a regular file nor a folder: a pipe, a device.
  static func isSpecial(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
  }

  /// The folder for files that need no lasting place: `TMPDIR`, else `/tmp`.
  package static var temporaryFolder: String {
    guard let value = getenv("TMPDIR"), value.pointee != 0 else { return "/tmp" }
    return String(cString: value)
  }

  /// The folder that holds `path`: `a` of `a/b`, `.` of `b`, `/` of `/b`.
  package static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Makes a folder and those above it, where they are missing.
  package static func makeFolders(_ path: String) throws(AnnotationError) {
    if isFolder(path) { return }
    let parent = parent(of: path)
    if parent != path, parent != "." { try makeFolders(parent) }
    if mkdir(path, 0o777) != 0, errno != EEXIST || !isFolder(path) {
      throw .output(path: path, reason: reason())
    }
  }

  /// Opens a new file of a random name in `folder`, for reading and writing.
  package static func openTemporary(in folder: String) throws(AnnotationError) -> (descriptor: Int32, path: String) {
    while true {
      let path = "\(folder)/.limn-\(String(UInt64.random(in: .min ... .max), radix: 36)).tmp"
      let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (descriptor, path) }
      let code = errno
      if code != EEXIST, code != EINTR { throw .output(path: folder, reason: reason(code)) }
    }
  }

  /// Writes all bytes to a descriptor; `path` names it in errors.
  package static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(AnnotationError) {
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress?.advanced(by: start), $0.count - start) }
      if count >= 0 {
        start += count
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&ready, 1, -1)
      case EPIPE: throw .outputClosed
      case let code: throw .output(path: path, reason: reason(code))
      }
    }
  }
}
