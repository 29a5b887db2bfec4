extension JSONReader {
  /// Reads a string.
  package mutating func string() throws(JSONError) -> String { try text().string }

  /// Reads a string without copying it.
  package mutating func text() throws(JSONError) -> JSONString {
    skipWhitespace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
      throw wrongValue("a string", at: position)
    }
    return try scanString()
  }

  /// Reads the string whose opening quote is next, and checks its UTF-8 and escapes.
  mutating func scanString() throws(JSONError) -> JSONString {
    let start = position + 1
    var at = start
    var hasEscapes = false
    while true {
      while at + 8 <= bytes.count {
        let marks = Self.marks(bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self).littleEndian)
        guard marks == 0 else {
          at += marks.trailingZeroBitCount >> 3
          break
        }
        at += 8
      }
      guard at < bytes.count else { throw unexpected("a closing quote", at: at) }
      switch bytes[at] {
      case UInt8(ascii: "\""):
        position = at + 1
        return JSONString(
          raw: UnsafeRawBufferPointer(rebasing: bytes[start..<at]), hasEscapes: hasEscapes, offset: start - 1)
      case UInt8(ascii: "\\"):
        hasEscapes = true
        at += try escapeLength(at: at)
      case ..<0x20: throw unexpected("an escaped control character", at: at)
      case 0x80...:
        // Text in other scripts is checked scalar by scalar.
        repeat {
          guard let length = scalarLength(at: at) else { throw unexpected("a text in UTF-8", at: at) }
          at += length
        } while at < bytes.count && bytes[at] >= 0x80
      default: at += 1
      }
    }
  }

  /// Sets the top bit of each byte that is a quote, a backslash, a control character or not ASCII. Only the lowest set
  /// bit is reliable.
  @inline(__always)
  private static func marks(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quotes = word ^ (ones &* 0x22)
    let backslashes = word ^ (ones &* 0x5C)
    let found = ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes) | ((word &- ones &* 0x20) & ~word)
    return (found | word) & (ones &* 0x80)
  }

  /// The length in bytes of a scalar beyond ASCII, or nil if it is not well-formed UTF-8 (table 3-7 of the Unicode
  /// standard).
  func scalarLength(at offset: Int) -> Int? {
    let lead = bytes[offset]
    let left = bytes.count - offset
    let second = left > 1 ? bytes[offset + 1] : 0
    switch lead {
    case 0xC2...0xDF:
      return second & 0xC0 == 0x80 ? 2 : nil
    case 0xE0...0xEF:
      guard left > 2, second & 0xC0 == 0x80, bytes[offset + 2] & 0xC0 == 0x80 else { return nil }
      if lead == 0xE0 && second < 0xA0 || lead == 0xED && second > 0x9F { return nil }
      return 3
    case 0xF0...0xF4:
      guard left > 3, second & 0xC0 == 0x80, bytes[offset + 2] & 0xC0 == 0x80, bytes[offset + 3] & 0xC0 == 0x80 else {
        return nil
      }
      if lead == 0xF0 && second < 0x90 || lead == 0xF4 && second > 0x8F { return nil }
      return 4
    default:
      return nil
    }
  }

  /// The length in bytes of the escape at `offset`; both halves of a surrogate pair count as one.
  private func escapeLength(at offset: Int) throws(JSONError) -> Int {
    guard offset + 1 < bytes.count else { throw unexpected("an escape", at: offset + 1) }
    switch bytes[offset + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return 2
    case UInt8(ascii: "u"):
      let code = try code(at: offset)
      if (0xDC00..<0xE000).contains(code) {
        throw unexpected("the first half of a surrogate pair", found: "the second", at: offset)
      }
      guard (0xD800..<0xDC00).contains(code) else { return 6 }
      let second = offset + 6
      guard second + 1 < bytes.count, bytes[second] == UInt8(ascii: "\\"), bytes[second + 1] == UInt8(ascii: "u") else {
        throw unexpected("the second half of a surrogate pair", at: second)
      }
      guard (0xDC00..<0xE000).contains(try self.code(at: second)) else {
        throw unexpected("the second half of a surrogate pair", at: second)
      }
      return 12
    default: throw unexpected("an escape (one of \"\\/bfnrtu)", at: offset + 1)
    }
  }

  /// The code of the `\uXXXX` at `offset`.
  private func code(at offset: Int) throws(JSONError) -> UInt16 {
    guard let code = Self.hexadecimal(bytes, at: offset + 2) else {
      throw unexpected("four hexadecimal digits", at: offset + 2)
    }
    return code
  }

  /// The value of four hexadecimal digits.
  static func hexadecimal(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt16? {
    guard offset + 4 <= bytes.count else { return nil }
    var value: UInt16 = 0
    for byte in bytes[offset..<offset + 4] {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt16(byte - 0x30)
      case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
        value = value << 4 | UInt16((byte | 0x20) - UInt8(ascii: "a") + 10)
      default: return nil
      }
    }
    return value
  }
}
