extension JSONReader {
  /// Reads an array of at most `limit` strings.
  package mutating func strings(limit: Int) throws(JSONError) -> [String] {
    var values: [String] = []
    try list(limit: limit, "string") { (reader) throws(JSONError) in values.append(try reader.string()) }
    return values
  }

  /// Reads an array of at most `limit` integers, each in `range`.
  package mutating func integers(limit: Int, in range: ClosedRange<Int> = .min ... .max) throws(JSONError) -> [Int] {
    var values: [Int] = []
    try list(limit: limit, "integer") { (reader) throws(JSONError) in values.append(try reader.int(in: range)) }
    return values
  }

  /// Reads an array of at most `limit` numbers and appends them to `values`, whose memory can be reused between calls.
  package mutating func doubles(into values: inout [Double], limit: Int = .max) throws(JSONError) {
    try list(limit: limit, "number") { (reader) throws(JSONError) in values.append(try reader.double()) }
  }

  @inline(__always)
  private mutating func list(
    limit: Int, _ name: String, _ element: (inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    try enter(UInt8(ascii: "["), "an array")
    depth -= 1
    skipWhitespace()
    if consume(UInt8(ascii: "]")) { return }
    var count = 0
    repeat {
      skipWhitespace()
      guard count < limit else { throw tooMany(limit, name) }
      count += 1
      try element(&self)
      skipWhitespace()
    } while consume(UInt8(ascii: ","))
    guard consume(UInt8(ascii: "]")) else { throw unexpected("“,” or “]”", at: position) }
  }

  /// The error for an array with more elements than `limit`.
  @inline(never)
  func tooMany(_ limit: Int, _ name: String) -> JSONError {
    unexpected("at most \(limit) \(name)\(limit == 1 ? "" : "s")", found: "one more", at: position)
  }

  @inline(__always)
  private mutating func consume(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }
}
