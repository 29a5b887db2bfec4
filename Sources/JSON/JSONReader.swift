/// A strict pull parser for JSON (RFC 8259). It reads in one pass and builds no tree.
///
/// The caller reads the values that it needs, in the order of the document; all others are checked and skipped. A byte
/// order mark at the start is skipped. The bytes must outlive the reader and the `JSONString`s that it returns. After
/// an error the reader must not be used.
package struct JSONReader {
  /// The largest number of nested objects and arrays.
  package static let maximumDepth = 512

  let bytes: UnsafeRawBufferPointer
  /// The next byte to read.
  package internal(set) var position: Int
  var depth = 0
  /// Whether the innermost object or array has returned no member or element yet.
  private var isAtFirst = false
  /// The position of the last returned member's value or element.
  private var valueStart = -1

  /// Makes a reader at the start of `bytes`.
  package init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    position = Self.markLength(bytes)
  }

  /// Reads a whole document. `body` reads its value, or leaves it to be skipped; nothing may follow the value.
  package static func read<Value>(
    _ bytes: UnsafeRawBufferPointer, _ body: (inout JSONReader) throws(JSONError) -> Value
  ) throws(JSONError) -> Value {
    var reader = JSONReader(bytes)
    reader.skipWhitespace()
    let start = reader.position
    let value = try body(&reader)
    if reader.position == start { try reader.skip() }
    try reader.end()
    return value
  }

  /// Reads a whole document from an array of bytes. `body` reads its value, or leaves it to be skipped.
  package static func read<Value>(
    _ bytes: [UInt8], _ body: (inout JSONReader) throws(JSONError) -> Value
  ) throws(JSONError) -> Value {
    try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
      try read(UnsafeRawBufferPointer(bytes), body)
    }
  }

  /// Reads a whole document from a string. `body` reads its value, or leaves it to be skipped.
  package static func read<Value>(
    _ text: String, _ body: (inout JSONReader) throws(JSONError) -> Value
  ) throws(JSONError) -> Value {
    try read(Array(text.utf8), body)
  }

  /// The kind of the next value, according to its first byte.
  package mutating func peek() throws(JSONError) -> JSONKind {
    skipWhitespace()
    guard position < bytes.count else { throw wrongValue("a value", at: position) }
    switch bytes[position] {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): return .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    default: throw wrongValue("a value", at: position)
    }
  }

  /// Reads `true` or `false`.
  package mutating func bool() throws(JSONError) -> Bool {
    skipWhitespace()
    if consumeWord("true") { return true }
    if consumeWord("false") { return false }
    throw wrongValue("“true” or “false”", at: position)
  }

  /// Reads `null`.
  package mutating func null() throws(JSONError) {
    guard consumeNull() else { throw wrongValue("“null”", at: position) }
  }

  /// Reads `null` if it is next, and returns whether it was.
  package mutating func consumeNull() -> Bool {
    skipWhitespace()
    return consumeWord("null")
  }

  /// Throws unless only whitespace is left.
  package mutating func end() throws(JSONError) {
    skipWhitespace()
    guard position == bytes.count else { throw unexpected("the end of the text", at: position) }
  }

  // MARK: - Objects and arrays

  /// Reads an object. `member` is called with each key, and reads the value or leaves it to be skipped.
  ///
  /// If `unique`, an object with two keys of equal Unicode scalars is refused.
  package mutating func object(
    unique: Bool = false, _ member: (inout JSONReader, JSONString) throws(JSONError) -> Void
  ) throws(JSONError) {
    var keys: Set<JSONString> = []
    try enterObject()
    while let key = try nextKey() {
      if unique, !keys.insert(key).inserted {
        throw JSONError(.repeatedKey(key.string), at: key.offset, in: bytes)
      }
      try member(&self, key)
    }
  }

  /// Reads an array of at most `limit` elements. `element` reads each, or leaves it to be skipped.
  package mutating func array(
    limit: Int = .max, _ element: (inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    var count = 0
    try enterArray()
    while try nextElement() {
      guard count < limit else { throw tooMany(limit, "element") }
      count += 1
      try element(&self)
    }
  }

  /// Starts reading an object, whose members `nextKey` returns.
  ///
  /// A loop over `nextKey` can throw other errors than `JSONError`; `object(unique:_:)` is shorter.
  package mutating func enterObject() throws(JSONError) {
    try enter(UInt8(ascii: "{"), "an object")
    isAtFirst = true
  }

  /// Reads the key of the innermost object's next member, or nil at the object's end. The member's value is next.
  package mutating func nextKey() throws(JSONError) -> JSONString? {
    guard try advance(closing: UInt8(ascii: "}"), "“,” or “}”") else { return nil }
    try expectKey()
    let key = try scanString()
    try expectColon()
    skipWhitespace()
    valueStart = position
    return key
  }

  /// Starts reading an array. Before each element call `nextElement`.
  package mutating func enterArray() throws(JSONError) {
    try enter(UInt8(ascii: "["), "an array")
    isAtFirst = true
  }

  /// Whether the innermost array has another element, which is then next. At the array's end it reads the bracket.
  package mutating func nextElement() throws(JSONError) -> Bool {
    guard try advance(closing: UInt8(ascii: "]"), "“,” or “]”") else { return false }
    valueStart = position
    return true
  }

  /// Moves to the next member or element, or past the closing bracket.
  private mutating func advance(closing: UInt8, _ expected: String) throws(JSONError) -> Bool {
    if position == valueStart { try skip() }
    skipWhitespace()
    if position < bytes.count {
      let byte = bytes[position]
      if isAtFirst {
        isAtFirst = false
        if byte != closing { return true }
      } else if byte == UInt8(ascii: ",") {
        position += 1
        skipWhitespace()
        return true
      }
      if byte == closing {
        position += 1
        depth -= 1
        return false
      }
    }
    throw unexpected(expected, at: position)
  }

  mutating func enter(_ bracket: UInt8, _ expected: String) throws(JSONError) {
    skipWhitespace()
    guard position < bytes.count, bytes[position] == bracket else { throw wrongValue(expected, at: position) }
    guard depth < Self.maximumDepth else { throw tooDeep() }
    depth += 1
    position += 1
  }

  func tooDeep() -> JSONError { JSONError(.tooDeep(limit: Self.maximumDepth), at: position, in: bytes) }

  // MARK: - Tokens

  /// Throws unless a string, the key of a member, is next.
  func expectKey() throws(JSONError) {
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
      throw wrongValue("a key in quotes", at: position)
    }
  }

  mutating func expectColon() throws(JSONError) {
    skipWhitespace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else { throw unexpected("“:”", at: position) }
    position += 1
  }

  /// Skips the word if it is next and no letter or digit follows it, and returns whether it was.
  mutating func consumeWord(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard bytes.count - position >= count else { return false }
    for index in 0..<count where bytes[position + index] != word.utf8Start[index] { return false }
    if position + count < bytes.count, case let next = bytes[position + count] | 0x20,
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(next) || (0x30...0x39).contains(next)
    {
      return false
    }
    position += count
    return true
  }

  @inline(__always)
  mutating func skipWhitespace() {
    guard position < bytes.count, bytes[position] <= 0x20 else { return }
    skipWhitespaceRun()
  }

  private mutating func skipWhitespaceRun() {
    var at = position
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): at += 1
      default:
        position = at
        return
      }
    }
    position = at
  }

  /// The length in bytes of a UTF-8 byte order mark at the start: 3 or 0.
  static func markLength(_ bytes: UnsafeRawBufferPointer) -> Int {
    bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
  }
}

/// The kind of a JSON value.
package enum JSONKind: Sendable {
  case object
  case array
  case string
  case number
  case bool
  case null
}
