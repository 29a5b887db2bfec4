import Files
import Glibc
import Synchronization

/// Text that is kept until it can be written to a document: in an unnamed temporary file, or in memory.
final class Spool: Sendable {
  private static let capacity = 1 << 16

  private let folder: String
  /// The file's descriptor; -1 in memory.
  private let descriptor: Int32
  private let buffer = Mutex<[UInt8]>([])

  /// Makes an empty spool for a document's target.
  init(for target: OutputTarget) throws(AnnotationError) {
    folder = target.spoolFolder
    if case .memory = target {
      descriptor = -1
    } else {
      do { descriptor = try FileSystem.openNameless(in: folder) } catch { throw AnnotationError(error) }
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Adds text at the end.
  func write(_ text: String) throws(AnnotationError) {
    try buffer.withLock { (buffer) throws(AnnotationError) in
      buffer.append(contentsOf: text.utf8)
      if buffer.count >= Self.capacity { try flush(&buffer) }
    }
  }

  /// Copies everything into a document.
  func copy(to document: OutputDocument) throws(AnnotationError) {
    try buffer.withLock { (buffer) throws(AnnotationError) in
      guard descriptor >= 0 else { return try document.write(buffer) }
      try flush(&buffer)
      guard lseek(descriptor, 0, SEEK_SET) == 0 else {
        throw AnnotationError(.failed(path: folder, code: errno))
      }
      var failure: AnnotationError?
      do throws(FileError) {
        try FileSystem.readAll(descriptor, path: folder) { (bytes) throws(FileError) in
          if failure != nil { return }
          do throws(AnnotationError) { try document.write(Array(bytes)) } catch { failure = error }
        }
      } catch {
        throw AnnotationError(error)
      }
      if let failure { throw failure }
    }
  }

  private func flush(_ buffer: inout [UInt8]) throws(AnnotationError) {
    guard descriptor >= 0 else { return }
    do { try FileSystem.writeAll(buffer, to: descriptor, path: folder) } catch { throw AnnotationError(error) }
    buffer.removeAll(keepingCapacity: true)
  }
}
