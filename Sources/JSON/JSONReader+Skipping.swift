extension JSONReader {
  /// Checks and skips the next value of any kind.
  ///
  /// - Returns: The range of its bytes.
  @discardableResult
  package mutating func skip() throws(JSONError) -> Range<Int> {
    skipWhitespace()
    let start = position
    let outside = depth
    // For each level one bit: whether it is an object.
    var levels = SIMD8<UInt64>()
    var isObject = false
    while true {
      // A value.
      guard position < bytes.count else { throw wrongValue("a value", at: position) }
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""): _ = try scanString()
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): try skipNumber()
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard depth < Self.maximumDepth else { throw tooDeep() }
        isObject = byte == UInt8(ascii: "{")
        levels[depth >> 6] &= ~(1 << UInt64(depth & 63))
        levels[depth >> 6] |= (isObject ? 1 : 0) << UInt64(depth & 63)
        depth += 1
        position += 1
        skipWhitespace()
        if position < bytes.count, bytes[position] == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) { break }
        if isObject { try skipKey() }
        continue
      case UInt8(ascii: "t") where consumeWord("true"), UInt8(ascii: "f") where consumeWord("false"),
        UInt8(ascii: "n") where consumeWord("null"):
        break
      default: throw wrongValue("a value", at: position)
      }
      // What follows it, up to the next value.
      while true {
        guard depth > outside else { return start..<position }
        skipWhitespace()
        guard position < bytes.count else { throw unexpected(isObject ? "“,” or “}”" : "“,” or “]”", at: position) }
        let byte = bytes[position]
        if byte == UInt8(ascii: ",") {
          position += 1
          skipWhitespace()
          if isObject { try skipKey() }
          break
        }
        guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
          throw unexpected(isObject ? "“,” or “}”" : "“,” or “]”", at: position)
        }
        position += 1
        depth -= 1
        if depth > outside { isObject = levels[(depth - 1) >> 6] >> UInt64((depth - 1) & 63) & 1 == 1 }
      }
    }
  }

  /// The text of a range that `skip` returned.
  package func text(in range: Range<Int>) -> String {
    String(decoding: bytes[range.clamped(to: 0..<bytes.count)], as: UTF8.self)
  }

  private mutating func skipKey() throws(JSONError) {
    try expectKey()
    _ = try scanString()
    try expectColon()
    skipWhitespace()
  }
}
