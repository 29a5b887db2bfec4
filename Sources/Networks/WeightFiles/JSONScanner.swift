/// Reads JSON of a known layout, strictly, without building a tree: nesting costs nothing because none is accepted
/// that the caller did not ask for.
struct JSONScanner {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// The texts of a JSON array, which is all of `json`.
  static func strings(in json: String, limit: Int) throws(FormatFault) -> [String] {
    let result = Array(json.utf8).withUnsafeBytes { bytes in
      Result { () throws(FormatFault) in
        var scanner = JSONScanner(bytes)
        let texts = try scanner.strings(limit: limit)
        try scanner.expectEnd()
        return texts
      }
    }
    return try result.get()
  }

  /// Consumes `byte`, after white space, if it comes next.
  mutating func consume(_ byte: UInt8) -> Bool {
    skipWhitespace()
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  /// Consumes `character`, after white space, or throws.
  mutating func expect(_ character: Unicode.Scalar) throws(FormatFault) {
    guard consume(UInt8(ascii: character)) else { throw unexpected("“\(character)”") }
  }

  /// Throws unless only white space is left.
  mutating func expectEnd() throws(FormatFault) {
    skipWhitespace()
    guard position == bytes.count else { throw unexpected("the end") }
  }

  /// Reads an object; `member` gets each key, unique, and reads its value.
  mutating func object(
    _ member: (inout JSONScanner, String) throws(FormatFault) -> Void
  ) throws(FormatFault) {
    try expect("{")
    if consume(UInt8(ascii: "}")) { return }
    var keys: Set<String> = []
    repeat {
      let key = try string()
      guard keys.insert(key).inserted else {
        throw .malformed("the header has the key “\(printable(key))” twice in one object")
      }
      try expect(":")
      try member(&self, key)
    } while consume(UInt8(ascii: ","))
    try expect("}")
  }

  /// Reads an array of at most `limit` strings.
  mutating func strings(limit: Int) throws(FormatFault) -> [String] {
    try expect("[")
    var values: [String] = []
    if consume(UInt8(ascii: "]")) { return values }
    repeat {
      guard values.count < limit else { throw unexpected("at most \(limit) texts") }
      values.append(try string())
    } while consume(UInt8(ascii: ","))
    try expect("]")
    return values
  }

  /// Reads an array of at most `limit` integers from 0 to `Int.max`.
  mutating func integers(limit: Int) throws(FormatFault) -> [Int] {
    try expect("[")
    var values: [Int] = []
    if consume(UInt8(ascii: "]")) { return values }
    repeat {
      guard values.count < limit else { throw unexpected("at most \(limit) numbers") }
      values.append(try integer())
    } while consume(UInt8(ascii: ","))
    try expect("]")
    return values
  }

  /// Reads an integer from 0 to `Int.max`.
  mutating func integer() throws(FormatFault) -> Int {
    skipWhitespace()
    let start = position
    var value = 0
    while position < bytes.count, case let digit = bytes[position], (0x30...0x39).contains(digit) {
      let (scaled, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow) = scaled.addingReportingOverflow(Int(digit - 0x30))
      guard !tooLarge, !overflow else { throw unexpected("an integer below 2^63") }
      value = sum
      position += 1
    }
    let hasLeadingZero = position > start + 1 && bytes[start] == 0x30
    let goesOn = position < bytes.count && [0x2E, 0x45, 0x65].contains(bytes[position])
    guard position > start, !hasLeadingZero, !goesOn else { throw unexpected("a plain integer") }
    return value
  }

  /// Reads a string.
  mutating func string() throws(FormatFault) -> String {
    try expect("\"")
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else { throw unexpected("a text in UTF-8") }
        return string
      case UInt8(ascii: "\\"): text += try escape()
      case ..<0x20: throw unexpected("an escaped control character")
      default: text.append(byte)
      }
    }
    throw unexpected("a closing quote")
  }

  private mutating func escape() throws(FormatFault) -> [UInt8] {
    guard position < bytes.count else { throw unexpected("an escape") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      var code = UInt32(try hexadecimal())
      if (0xD800..<0xDC00).contains(code) {
        guard position + 2 <= bytes.count, bytes[position] == UInt8(ascii: "\\"),
          bytes[position + 1] == UInt8(ascii: "u")
        else { throw unexpected("the second half of a surrogate pair") }
        position += 2
        let low = UInt32(try hexadecimal())
        guard (0xDC00..<0xE000).contains(low) else { throw unexpected("the second half of a surrogate pair") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw unexpected("the first half of a surrogate pair") }
      return Array(String(scalar).utf8)
    default: throw unexpected("an escape")
    }
  }

  private mutating func hexadecimal() throws(FormatFault) -> UInt16 {
    guard position + 4 <= bytes.count else { throw unexpected("four hexadecimal digits") }
    var value: UInt16 = 0
    for byte in bytes[position..<position + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw unexpected("four hexadecimal digits")
      }
      value = value << 4 | UInt16(digit)
    }
    position += 4
    return value
  }

  private mutating func skipWhitespace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  /// The fault of not finding `expected` here.
  func unexpected(_ expected: String) -> FormatFault {
    .malformed("the header is not the JSON of safetensors: \(expected) expected at its byte \(position)")
  }
}
