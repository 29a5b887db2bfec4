/// Reads little-endian values from front to back, never past the end.
struct ByteReader {
  private let bytes: UnsafeRawBufferPointer
  /// What the bytes are, for messages.
  private let subject: String
  /// The offset of the next byte.
  private(set) var position: Int

  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0, subject: String) {
    self.bytes = bytes
    self.position = min(max(position, 0), bytes.count)
    self.subject = subject
  }

  /// The bytes left.
  var remaining: Int { bytes.count - position }

  /// The next `count` bytes.
  mutating func take(_ count: Int) throws(FormatFault) -> UnsafeRawBufferPointer {
    guard count >= 0, count <= remaining else {
      throw .malformed("\(subject) ends at byte \(bytes.count), but \(count) bytes were to follow byte \(position)")
    }
    let taken = UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    position += count
    return taken
  }

  /// The next little-endian integer.
  mutating func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(FormatFault) -> T {
    T(littleEndian: try take(MemoryLayout<T>.size).loadUnaligned(as: T.self))
  }

  /// The next unsigned integer of type `T`, as a count; throws when it exceeds `Int`.
  mutating func count<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type) throws(FormatFault) -> Int {
    let start = position
    let value = try integer(T.self)
    guard let count = Int(exactly: value) else {
      throw .malformed("\(subject) states an impossible count, \(value), at byte \(start)")
    }
    return count
  }

  /// The bytes up to the next newline, which is consumed and left out.
  mutating func line() throws(FormatFault) -> UnsafeRawBufferPointer {
    guard let end = bytes[position...].firstIndex(of: 0x0A) else {
      throw .malformed("\(subject) ends inside a line that starts at byte \(position)")
    }
    let taken = UnsafeRawBufferPointer(rebasing: bytes[position..<end])
    position = end + 1
    return taken
  }

  /// The next `count` bytes as UTF-8; throws when they are not.
  mutating func text(_ count: Int) throws(FormatFault) -> String {
    let start = position
    return try utf8(take(count), start)
  }

  /// The next line as UTF-8; throws when it is not.
  mutating func textLine() throws(FormatFault) -> String {
    let start = position
    return try utf8(line(), start)
  }

  private func utf8(_ bytes: UnsafeRawBufferPointer, _ start: Int) throws(FormatFault) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .malformed("\(subject) holds a text that is not UTF-8 at byte \(start)")
    }
    return text
  }
}
