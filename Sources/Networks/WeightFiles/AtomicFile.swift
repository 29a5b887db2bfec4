import Glibc

/// A file that appears whole or not at all: written beside its path, renamed by `commit()`, removed without it.
final class AtomicFile {
  private let path: String
  private let temporaryPath: String
  private let descriptor: Int32
  private var isCommitted = false

  /// Starts a file. Throws `cannotWrite`.
  init(path: String) throws(WeightFileError) {
    self.path = path
    var status = stat()
    // Renaming over a device or a pipe would replace it.
    guard stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
      throw .cannotWrite(path: path, reason: "something is there that is not a regular file")
    }
    var attempt = 0
    while true {
      let candidate = "\(path).\(getpid())-\(attempt).part"
      let opened = open(candidate, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if opened >= 0 {
        temporaryPath = candidate
        descriptor = opened
        return
      }
      attempt += 1
      guard errno == EEXIST, attempt < 100 else { throw .cannotWrite(path: path, reason: systemMessage(errno)) }
    }
  }

  deinit {
    close(descriptor)
    if !isCommitted { unlink(temporaryPath) }
  }

  /// Appends bytes. Throws `cannotWrite`.
  func write(_ bytes: [UInt8]) throws(WeightFileError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .cannotWrite(path: path, reason: systemMessage(errno)) }
      written += count
    }
  }

  /// Puts the file in its place. Throws `cannotWrite`.
  func commit() throws(WeightFileError) {
    guard fsync(descriptor) == 0, rename(temporaryPath, path) == 0 else {
      throw .cannotWrite(path: path, reason: systemMessage(errno))
    }
    isCommitted = true
  }
}
