import Annotate
import Files
import Glibc

/// A file on its way: beside its place, for one process at a time, kept for the next try where it holds anything.
struct PartFile: ~Copyable {
  /// Where it lies.
  let path: String
  private let descriptor: Int32
  /// The bytes it holds.
  private(set) var count: Int
  /// The digest of those bytes.
  private(set) var digest: SHA256

  /// Opens what an earlier try left, or a new file, once no other process holds it.
  ///
  /// - Parameter onWait: is called where another process holds it, before waiting.
  init(path: String, onWait: () -> Void) throws(CommandError) {
    let opened = try Self.opened(path, onWait: onWait)
    var digest = SHA256()
    var count = 0
    do throws(FileError) {
      try FileSystem.readAll(opened, path: path) { bytes in
        digest.update(bytes)
        count += bytes.count
      }
    } catch {
      close(opened)
      throw CommandError("cannot read \(path): \(error.reason)")
    }
    self.path = path
    descriptor = opened
    self.count = count
    self.digest = digest
  }

  deinit {
    if count == 0 { unlink(path) }
    close(descriptor)
  }

  /// Adds bytes at the end.
  mutating func append(_ bytes: UnsafeRawBufferPointer) throws(CommandError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written < 0, errno == EINTR { continue }
      guard written > 0 else {
        throw CommandError("cannot write \(path): \(FileSystem.reason()); the \(count) bytes before it are kept")
      }
      digest.update(UnsafeRawBufferPointer(rebasing: rest.prefix(written)))
      count += written
      rest = rest.dropFirst(written)
    }
  }

  /// Throws away what it holds.
  mutating func clear() throws(CommandError) {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw CommandError("cannot write \(path): \(FileSystem.reason())")
    }
    count = 0
    digest = SHA256()
  }

  /// Puts the file into its place, replacing what is there.
  consuming func commit(to target: String) throws(CommandError) {
    guard fsync(descriptor) == 0, rename(path, target) == 0 else {
      throw CommandError("cannot write \(target): \(FileSystem.reason())")
    }
    FileSystem.synchronize(folder: Path.parent(of: target))
  }

  private static func opened(_ path: String, onWait: () -> Void) throws(CommandError) -> Int32 {
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0o666)
      guard descriptor >= 0 else {
        let reason = errno == ELOOP ? "a link is in its place" : FileSystem.reason()
        throw CommandError("cannot write \(path): \(reason)")
      }
      do throws(CommandError) {
        guard FileIdentity(descriptor: descriptor)?.isRegular == true else {
          throw CommandError("cannot write \(path): something is there that is not a regular file")
        }
        try lock(descriptor, path: path, onWait: onWait)
      } catch {
        close(descriptor)
        throw error
      }
      // Whoever held it may have put it into place, or removed it.
      if let held = FileIdentity(descriptor: descriptor), held == FileIdentity(path: path) { return descriptor }
      close(descriptor)
    }
  }

  private static func lock(_ descriptor: Int32, path: String, onWait: () -> Void) throws(CommandError) {
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
    if errno == EWOULDBLOCK { onWait() }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw CommandError("cannot lock \(path): \(FileSystem.reason())") }
    }
  }
}
