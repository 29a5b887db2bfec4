import Annotate
import Files
import Glibc

/// A channel for bytes from a child process to this one, which no other process inherits.
///
/// Swift does not import a call that makes a pipe with close-on-exec set, so the channel is a pair of sockets.
final class Channel {
  #if canImport(Glibc)
    private static let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
  #else
    private static let kind = SOCK_STREAM | SOCK_CLOEXEC
  #endif
  private static let chunk = 1 << 16
  /// The time between two checks for cancellation, in milliseconds.
  private static let patience: Int32 = 100

  private let reading: Int32
  /// The end for the child process.
  private(set) var writing: Int32

  /// Makes a channel.
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

  /// Closes this process's copy of the child's end.
  func closeWriting() {
    if writing >= 0 { close(writing) }
    writing = -1
  }

  /// Reads all bytes up to the end.
  ///
  /// - Returns: False if the task was cancelled before the end.
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
