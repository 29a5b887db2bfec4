/// An error in a JSON document, and its position.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kind of an error.
  package enum Problem: Equatable, Sendable {
    /// Something else was found where `expected` must be; both are parts of a sentence.
    case unexpected(expected: String, found: String)
    /// An object whose keys must be unique has this key twice.
    case repeatedKey(String)
    /// Objects and arrays are nested more than `limit` levels deep.
    case tooDeep(limit: Int)
    /// The document has this encoding instead of UTF-8.
    case encoding(String)
    /// The JSON is valid, but the caller refuses its content for this reason.
    case refused(String)
  }

  /// The kind of the error.
  package let problem: Problem
  /// The byte offset of the error in the document, from 0.
  package let offset: Int
  /// The line of the error, from 1; lines end with a line feed.
  package let line: Int
  /// The column of the error, from 1, in Unicode scalars of its line; a byte order mark is not counted.
  package let column: Int

  init(_ problem: Problem, at offset: Int, in bytes: UnsafeRawBufferPointer) {
    self.problem = problem
    self.offset = offset
    var line = 1
    var lineStart = JSONReader.markLength(bytes)
    for position in 0..<offset where bytes[position] == UInt8(ascii: "\n") {
      line += 1
      lineStart = position + 1
    }
    self.line = line
    let start = min(lineStart, offset)
    column = 1 + bytes[start..<offset].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
  }

  /// The sentence to show to the user, with the position.
  package var description: String { "\(reason) (line \(line), column \(column), byte \(offset))" }

  /// The sentence without the position.
  package var reason: String {
    switch problem {
    case .unexpected(let expected, let found): "expected \(expected), found \(found)"
    case .repeatedKey(let key): "the object has the key “\(Self.excerpt(key))” twice"
    case .tooDeep(let limit): "objects and arrays are nested more than \(limit) levels deep"
    case .encoding(let name): "the text is encoded in \(name); JSON must be in UTF-8"
    case .refused(let sentence): sentence
    }
  }

  /// The first 60 Unicode scalars of a text, with control and format characters escaped.
  static func excerpt(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(60) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: shown += scalar.escaped(asASCII: true)
      default: shown.unicodeScalars.append(scalar)
      }
    }
    return text.unicodeScalars.dropFirst(60).isEmpty ? shown : shown + "…"
  }
}

extension JSONReader {
  /// The error of a caller that refuses the document's content at the next byte.
  package func refusal(_ sentence: String) -> JSONError { JSONError(.refused(sentence), at: position, in: bytes) }

  /// The error of a caller that refuses a string of this document.
  package func refusal(_ sentence: String, at string: JSONString) -> JSONError {
    JSONError(.refused(sentence), at: min(string.offset, bytes.count), in: bytes)
  }

  /// The error of a caller that refuses a value that started at `position`.
  package func refusal(_ sentence: String, at position: Int) -> JSONError {
    JSONError(.refused(sentence), at: min(max(position, 0), bytes.count), in: bytes)
  }

  /// The error for a missing character or part of a token at `offset`.
  @inline(never)
  func unexpected(_ expected: String, at offset: Int) -> JSONError {
    unexpected(expected, found: sign(at: offset), at: offset)
  }

  /// The error for a missing value at `offset`.
  @inline(never)
  func wrongValue(_ expected: String, at offset: Int) -> JSONError {
    let found: String
    switch offset < bytes.count ? bytes[offset] : 0 {
    case UInt8(ascii: "{"): found = "an object"
    case UInt8(ascii: "["): found = "an array"
    case UInt8(ascii: "\""): found = "a string"
    default: found = sign(at: offset)
    }
    return unexpected(expected, found: found, at: offset)
  }

  @inline(never)
  func unexpected(_ expected: String, found: String, at offset: Int) -> JSONError {
    if let encoding = foreignEncoding { return JSONError(.encoding(encoding), at: 0, in: bytes) }
    return JSONError(.unexpected(expected: expected, found: found), at: offset, in: bytes)
  }

  /// What is found at `offset`: a word, number or character in quotes, a code, or the end of the text.
  private func sign(at offset: Int) -> String {
    guard offset < bytes.count else { return "the end of the text" }
    let word = bytes[offset...].prefix(41).prefix { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"):
        true
      default: false
      }
    }
    if !word.isEmpty {
      return "“\(String(decoding: word.prefix(40), as: UTF8.self))\(word.count > 40 ? "…" : "")”"
    }
    let byte = bytes[offset]
    guard byte >= 0x20 else { return "the control character U+" + JSONText.hexadecimal(UInt16(byte)).uppercased() }
    guard byte >= 0x80 else { return "“\(JSONError.excerpt(String(Unicode.Scalar(byte))))”" }
    guard let length = scalarLength(at: offset) else { return "the byte 0x\(String(byte, radix: 16, uppercase: true))" }
    return "“\(JSONError.excerpt(String(decoding: bytes[offset..<offset + length], as: UTF8.self)))”"
  }

  /// The encoding of the document if it is obviously not UTF-8, else nil.
  private var foreignEncoding: String? {
    guard bytes.count >= 2 else { return nil }
    let head = Array(bytes.prefix(4))
    let isLong = head.count == 4
    switch (head[0], head[1]) {
    case (0xFF, 0xFE): return isLong && head[2] == 0 && head[3] == 0 ? "UTF-32" : "UTF-16"
    case (0xFE, 0xFF): return "UTF-16"
    case (0, 0): return isLong && (head[2...] == [0xFE, 0xFF] || head[2] == 0 && head[3] != 0) ? "UTF-32" : nil
    case (0, _): return !isLong || head[2] == 0 && head[3] != 0 ? "UTF-16" : nil
    case (_, 0):
      guard isLong else { return "UTF-16" }
      return head[3] != 0 ? nil : head[2] == 0 ? "UTF-32" : "UTF-16"
    default: return nil
    }
  }
}
