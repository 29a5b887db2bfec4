/// A string of a JSON document, a key or a value, without a copy of its bytes.
///
/// It is valid only as long as the document's bytes. Two are equal if their Unicode scalars are.
package struct JSONString: Hashable {
  /// The bytes between the quotes, with valid UTF-8 and escapes.
  @usableFromInline let raw: UnsafeRawBufferPointer
  @usableFromInline let hasEscapes: Bool
  /// The byte offset of the opening quote in the document.
  package let offset: Int

  init(raw: UnsafeRawBufferPointer, hasEscapes: Bool, offset: Int) {
    self.raw = raw
    self.hasEscapes = hasEscapes
    self.offset = offset
  }

  /// The text.
  package var string: String {
    guard hasEscapes else { return String(decoding: raw, as: UTF8.self) }
    var bytes: [UInt8] = []
    append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends the text in UTF-8, with escapes decoded.
  package func append(to bytes: inout [UInt8]) {
    guard hasEscapes else { return bytes.append(contentsOf: raw) }
    bytes.reserveCapacity(bytes.count + raw.count)
    var at = 0
    while at < raw.count {
      guard raw[at] == UInt8(ascii: "\\") else {
        bytes.append(raw[at])
        at += 1
        continue
      }
      let letter = raw[at + 1]
      at += 2
      switch letter {
      case UInt8(ascii: "b"): bytes.append(0x08)
      case UInt8(ascii: "f"): bytes.append(0x0C)
      case UInt8(ascii: "n"): bytes.append(0x0A)
      case UInt8(ascii: "r"): bytes.append(0x0D)
      case UInt8(ascii: "t"): bytes.append(0x09)
      case UInt8(ascii: "u"):
        var code = UInt32(JSONReader.hexadecimal(raw, at: at) ?? 0)
        at += 4
        if (0xD800..<0xDC00).contains(code) {
          code = 0x10000 + (code - 0xD800) << 10 + (UInt32(JSONReader.hexadecimal(raw, at: at + 2) ?? 0) - 0xDC00)
          at += 6
        }
        bytes.append(contentsOf: UTF8.encode(Unicode.Scalar(code) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter)
      default: bytes.append(letter)
      }
    }
  }

  /// Whether the string is `text`. Makes no copy if it has no escapes.
  @inlinable
  package static func == (string: JSONString, text: StaticString) -> Bool {
    string.hasEscapes ? string.equalsDecoded(text) : string.equalsRaw(text)
  }

  /// Whether the string is `text`, for a `switch` over keys.
  @inlinable
  package static func ~= (text: StaticString, string: JSONString) -> Bool { string == text }

  package static func == (a: JSONString, b: JSONString) -> Bool {
    if !a.hasEscapes && !b.hasEscapes { return a.raw.count == b.raw.count && a.raw.elementsEqual(b.raw) }
    return a.decoded == b.decoded
  }

  package func hash(into hasher: inout Hasher) {
    if hasEscapes {
      decoded.withUnsafeBytes { hasher.combine(bytes: $0) }
    } else {
      hasher.combine(bytes: raw)
    }
  }

  @inlinable
  func equalsRaw(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard raw.count == count else { return false }
    for index in 0..<count where raw[index] != text.utf8Start[index] { return false }
    return true
  }

  @usableFromInline
  func equalsDecoded(_ text: StaticString) -> Bool {
    decoded.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private var decoded: [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return bytes
  }
}
