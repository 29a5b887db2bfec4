/// Reads little-endian values one after another, never beyond the end.
struct ByteReader {
  private let bytes: UnsafeRawBufferPointer
  /// What the bytes are, for errors.
  private let subject: String
  /// The offset of the next byte.
  private(set) var position: Int

  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0, subject: String) {
    self.bytes = bytes
    self.position = min(max(position, 0), bytes.count)
    self.subject = subject
  }

  /// The number of bytes left.
  var remaining: Int { bytes.count - position }

  /// Reads the next `count` bytes.
  mutating func take(_ count: Int) throws(FormatFault) -> UnsafeRawBufferPointer {
    guard count >= 0, count <= remaining else {
      throw .malformed("\(subject) ends at byte \(bytes.count), but \(count) bytes should follow byte \(position)")
    }
    let taken = UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    position += count
    return taken
  }

  /// Reads the next little-endian integer.
  mutating func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(FormatFault) -> T {
    T(littleEndian: try take(MemoryLayout<T>.size).loadUnaligned(as: T.self))
  }

  /// Reads the next unsigned integer of type `T` as a count. Throws if it exceeds `Int`.
  mutating func count<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type) throws(FormatFault) -> Int {
    let start = position
    let value = try integer(T.self)
    guard let count = Int(exactly: value) else {
      throw .malformed("\(subject) has an impossible count, \(value), at byte \(start)")
    }
    return count
  }

  /// Reads the bytes up to the next newline, and skips the newline.
  mutating func line() throws(FormatFault) -> UnsafeRawBufferPointer {
    guard let end = bytes[position...].firstIndex(of: 0x0A) else {
      throw .malformed("\(subject) ends inside a line that starts at byte \(position)")
    }
    let taken = UnsafeRawBufferPointer(rebasing: bytes[position..<end])
    position = end + 1
    return taken
  }

  /// Reads the next `count` bytes as UTF-8. Throws if they are not.
  mutating func text(_ count: Int) throws(FormatFault) -> String {
    let start = position
    return try utf8(take(count), start)
  }

  /// Reads the next line as UTF-8. Throws if it is not.
  mutating func textLine() throws(FormatFault) -> String {
    let start = position
    return try utf8(line(), start)
  }

  private func utf8(_ bytes: UnsafeRawBufferPointer, _ start: Int) throws(FormatFault) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .malformed("\(subject) has a string at byte \(start) that is not UTF-8")
    }
    return text
  }
}
