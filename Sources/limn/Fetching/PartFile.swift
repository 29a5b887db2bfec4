import Annotate
import Files
import Glibc

/// A partly fetched file. One process at a time can use it, and a file that is not empty is kept to be resumed.
struct PartFile: ~Copyable {
  /// The path of the file.
  let path: String
  private let descriptor: Int32
  /// The size of the file in bytes.
  private(set) var count: Int
  /// The digest of the file's bytes.
  private(set) var digest: SHA256

  /// Opens the file of an earlier run, or a new one, and waits until no other process uses it.
  ///
  /// - Parameter onWait: Called before waiting for another process.
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
        throw CommandError("cannot write \(path): \(FileSystem.reason()); the \(count) bytes fetched so far are kept")
      }
      digest.update(UnsafeRawBufferPointer(rebasing: rest.prefix(written)))
      count += written
      rest = rest.dropFirst(written)
    }
  }

  /// Deletes the file's content.
  mutating func clear() throws(CommandError) {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw CommandError("cannot write \(path): \(FileSystem.reason())")
    }
    count = 0
    digest = SHA256()
  }

  /// Renames the file to `target`, replacing an existing file.
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
        let reason = errno == ELOOP ? "it is a link" : FileSystem.reason()
        throw CommandError("cannot write \(path): \(reason)")
      }
      do throws(CommandError) {
        guard FileIdentity(descriptor: descriptor)?.isRegular == true else {
          throw CommandError("cannot write \(path): it exists and is not a regular file")
        }
        try lock(descriptor, path: path, onWait: onWait)
      } catch {
        close(descriptor)
        throw error
      }
      // The process that used it may have renamed or removed it.
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
