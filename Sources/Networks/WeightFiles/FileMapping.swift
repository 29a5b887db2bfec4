import Files
import Glibc

/// The bytes of a file, mapped read-only as long as the object exists, or constant bytes of the program.
///
/// The mapping is private and never written, so sharing it between threads is safe.
final class FileMapping: @unchecked Sendable {
  private let base: UnsafeRawPointer
  /// The file's size in bytes, at least 1.
  let count: Int
  private let isMapped: Bool

  /// Makes a mapping of bytes that are part of the program.
  init(constant bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { preconditionFailure("there are no bytes") }
    base = start
    count = bytes.count
    isMapped = false
  }

  /// Maps a regular file. Throws `cannotOpen` or `empty`.
  init(path: String) throws(WeightFileError) {
    // Without O_NONBLOCK, opening a FIFO would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: FileSystem.reason()) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .cannotOpen(path: path, reason: FileSystem.reason()) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      throw .cannotOpen(path: path, reason: isFolder ? "it is a folder" : "it is not a regular file")
    }
    guard let size = Int(exactly: status.st_size), size > 0 else { throw .empty(path: path) }
    guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
      throw .cannotOpen(path: path, reason: FileSystem.reason())
    }
    base = UnsafeRawPointer(address)
    count = size
    isMapped = true
  }

  deinit {
    if isMapped { munmap(UnsafeMutableRawPointer(mutating: base), count) }
  }

  /// Calls `body` with the whole file. The pointer is valid only during the call.
  func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeRawBufferPointer(start: base, count: count))
  }
}
