/// Values as JSON text.
package enum JSONText {
  /// A text as a JSON string, in quotes.
  ///
  /// Control characters and Unicode's line separators are escaped, so that a string never breaks a line of `jsonl`, and
  /// U+FFFE and U+FFFF, which YAML readers refuse.
  package static func quoted(_ text: String) -> String {
    var text = text
    let escaped: [UInt8]? = text.withUTF8 { utf8 in
      let bytes = UnsafeRawBufferPointer(utf8)
      var (start, found) = nextEscape(bytes, from: 0)
      guard found != nil else { return nil }
      var result: [UInt8] = []
      result.reserveCapacity(bytes.count + 16)
      var end = start
      start = 0
      while let (code, length) = found {
        result.append(contentsOf: bytes[start..<end])
        appendEscape(code, to: &result)
        start = end + length
        (end, found) = nextEscape(bytes, from: start)
      }
      result.append(contentsOf: bytes[start...])
      return result
    }
    return "\"" + (escaped.map { String(decoding: $0, as: UTF8.self) } ?? text) + "\""
  }

  /// Texts as a JSON array, without spaces.
  package static func array(_ texts: [String]) -> String { "[" + texts.map(quoted).joined(separator: ",") + "]" }

  /// Numbers as a JSON array, each rounded to `places` decimals.
  package static func array(_ values: [Double], places: Int) -> String {
    "[" + values.map { DecimalText.shortest($0, places: places) }.joined(separator: ", ") + "]"
  }

  /// A code as four hexadecimal digits.
  static func hexadecimal(_ code: UInt16) -> String {
    let digits = String(code, radix: 16)
    return String(repeating: "0", count: 4 - digits.utf8.count) + digits
  }

  /// Finds the next scalar to escape in well-formed UTF-8: its position, code and length in bytes. Without one, the
  /// position is the end and `found` is nil.
  private static func nextEscape(
    _ bytes: UnsafeRawBufferPointer, from start: Int
  ) -> (position: Int, found: (code: UInt16, length: Int)?) {
    var at = start
    while at < bytes.count {
      let byte = bytes[at]
      switch byte {
      case ..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x7F: return (at, (UInt16(byte), 1))
      case 0xC2 where bytes[at + 1] < 0xA0: return (at, (UInt16(bytes[at + 1]), 2))
      case 0xE2 where bytes[at + 1] == 0x80 && bytes[at + 2] & 0xFE == 0xA8:
        return (at, (0x2000 + UInt16(bytes[at + 2] & 0x3F), 3))
      case 0xEF where bytes[at + 1] == 0xBF && bytes[at + 2] >= 0xBE:
        return (at, (0xFFC0 + UInt16(bytes[at + 2] & 0x3F), 3))
      default: at += 1
      }
    }
    return (at, nil)
  }

  private static func appendEscape(_ code: UInt16, to result: inout [UInt8]) {
    switch code {
    case 0x22, 0x5C: result += [UInt8(ascii: "\\"), UInt8(code)]
    case 0x0A: result += "\\n".utf8
    case 0x0D: result += "\\r".utf8
    case 0x09: result += "\\t".utf8
    default: result += "\\u\(hexadecimal(code))".utf8
    }
  }
}
