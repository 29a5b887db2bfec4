import Annotate

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Reading from a descriptor to its end.
enum Descriptor {
  private static let chunk = 1 << 16

  /// Takes everything from where it stands; `name` says in errors what is read.
  static func readAll(
    _ descriptor: Int32, name: String, _ receive: (UnsafeRawBufferPointer) throws(CommandError) -> Void
  ) throws(CommandError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw CommandError("cannot read \(name): \(FileSystem.reason())") }
      if count == 0 { return }
      try receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }
}
