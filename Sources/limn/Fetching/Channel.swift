import Annotate
import Files
import Glibc

/// A way for bytes from a process that is started to this one, which no other process inherits.
///
/// A pipe cannot be made and marked as closing on execution in one call that Swift sees; a pair of sockets can.
final class Channel {
  #if canImport(Glibc)
    private static let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
  #else
    private static let kind = SOCK_STREAM | SOCK_CLOEXEC
  #endif
  private static let chunk = 1 << 16
  /// Milliseconds between two looks at whether the task was cancelled.
  private static let patience: Int32 = 100

  private let reading: Int32
  /// The end for the process that is started.
  private(set) var writing: Int32

  /// Makes one.
  init() throws(Curl.Failure) {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Self.kind, 0, &ends) == 0 else {
      throw .notStarted(reason: FileSystem.reason())
    }
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    closeWriting()
    close(reading)
  }

  /// Leaves the end that writes to the process that was started.
  func closeWriting() {
    if writing >= 0 { close(writing) }
    writing = -1
  }

  /// Takes what comes, up to the end.
  ///
  /// - Returns: false where the task was cancelled before.
  func readAll(_ receive: (UnsafeRawBufferPointer) throws(CommandError) -> Void) throws(CommandError) -> Bool {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunk, alignment: 16)
    defer { buffer.deallocate() }
    var readiness = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
    while true {
      if Task.isCancelled { return false }
      let ready = poll(&readiness, 1, Self.patience)
      if ready == 0 || ready < 0 && errno == EINTR { continue }
      guard ready > 0 else { throw CommandError("cannot wait for curl: \(FileSystem.reason())") }
      let count = read(reading, buffer.baseAddress, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw CommandError("cannot read from curl: \(FileSystem.reason())") }
      if count == 0 { return true }
      try receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }
}
