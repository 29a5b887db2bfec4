import JSON
import Testing

@Suite struct JSONErrorTests {
  /// Documents that are no JSON, and the sentence for each.
  static let broken: [(String, String)] = [
    ("", "expected a value, found the end of the text (line 1, column 1, byte 0)"),
    (" \n ", "expected a value, found the end of the text (line 2, column 2, byte 3)"),
    ("[1] x", "expected the end of the text, found “x” (line 1, column 5, byte 4)"),
    ("{}{}", "expected the end of the text, found “{” (line 1, column 3, byte 2)"),
    ("[1,]", "expected a value, found “]” (line 1, column 4, byte 3)"),
    ("[,1]", "expected a value, found “,” (line 1, column 2, byte 1)"),
    ("[1 2]", "expected “,” or “]”, found “2” (line 1, column 4, byte 3)"),
    ("[1", "expected “,” or “]”, found the end of the text (line 1, column 3, byte 2)"),
    ("[1}", "expected “,” or “]”, found “}” (line 1, column 3, byte 2)"),
    (#"{"a":1]"#, "expected “,” or “}”, found “]” (line 1, column 7, byte 6)"),
    (#"{"a":1,}"#, "expected a key in quotes, found “}” (line 1, column 8, byte 7)"),
    ("{a: 1}", "expected a key in quotes, found “a” (line 1, column 2, byte 1)"),
    ("{'a': 1}", "expected a key in quotes, found “'” (line 1, column 2, byte 1)"),
    ("{[1]: 1}", "expected a key in quotes, found an array (line 1, column 2, byte 1)"),
    (#"{"a" 1}"#, "expected “:”, found “1” (line 1, column 6, byte 5)"),
    (#"{"a":}"#, "expected a value, found “}” (line 1, column 6, byte 5)"),
    ("NaN", "expected a value, found “NaN” (line 1, column 1, byte 0)"),
    ("-Infinity", "expected a number, found “-Infinity” (line 1, column 1, byte 0)"),
    ("True", "expected a value, found “True” (line 1, column 1, byte 0)"),
    ("tru", "expected a value, found “tru” (line 1, column 1, byte 0)"),
    ("nulls", "expected a value, found “nulls” (line 1, column 1, byte 0)"),
    ("[01]", "expected a number without leading zeros, found “01” (line 1, column 2, byte 1)"),
    ("[-00.5]", "expected a number without leading zeros, found “-00.5” (line 1, column 2, byte 1)"),
    ("[+1]", "expected a value, found “+1” (line 1, column 2, byte 1)"),
    ("[.5]", "expected a value, found “.5” (line 1, column 2, byte 1)"),
    ("[-]", "expected a number, found “-” (line 1, column 2, byte 1)"),
    ("[1.]", "expected a digit after the point, found “]” (line 1, column 4, byte 3)"),
    ("[1.e5]", "expected a digit after the point, found “e5” (line 1, column 4, byte 3)"),
    ("1e", "expected a digit of the exponent, found the end of the text (line 1, column 3, byte 2)"),
    ("1e+", "expected a digit of the exponent, found the end of the text (line 1, column 4, byte 3)"),
    ("[0x1F]", "expected “,” or “]”, found “x1F” (line 1, column 3, byte 2)"),
    ("[1] // note", "expected the end of the text, found “/” (line 1, column 5, byte 4)"),
    (#"["abc"#, "expected a closing quote, found the end of the text (line 1, column 6, byte 5)"),
    (
      "[\"a\nb\"]",
      "expected an escaped control character, found the control character U+000A (line 1, column 4, byte 3)"
    ),
    (
      "\"123456789\u{1F}\"",
      "expected an escaped control character, found the control character U+001F (line 1, column 11, byte 10)"
    ),
    (#"["\x"]"#, #"expected an escape (one of "\/bfnrtu), found “x” (line 1, column 4, byte 3)"#),
    (#"["\"#, "expected an escape, found the end of the text (line 1, column 4, byte 3)"),
    (#"["\u12G4"]"#, "expected four hexadecimal digits, found “12G4” (line 1, column 5, byte 4)"),
    (#"["\u12"#, "expected four hexadecimal digits, found “12” (line 1, column 5, byte 4)"),
    (#"["\ud800"]"#, "expected the second half of a surrogate pair, found “\"” (line 1, column 9, byte 8)"),
    (#"["\ud800\n"]"#, #"expected the second half of a surrogate pair, found “\” (line 1, column 9, byte 8)"#),
    (#"["\ud800\u0041"]"#, #"expected the second half of a surrogate pair, found “\” (line 1, column 9, byte 8)"#),
    (#"["\ude00"]"#, "expected the first half of a surrogate pair, found the second (line 1, column 3, byte 2)"),
    ("[\u{A0}1]", "expected a value, found “\u{A0}” (line 1, column 2, byte 1)"),
    ("[1\u{2028}]", "expected “,” or “]”, found “\\u{2028}” (line 1, column 3, byte 2)"),
    ("[\"é🪙\",\n \"貨\", ?]", "expected a value, found “?” (line 2, column 7, byte 19)"),
    ("[\r\n\r\n\t?]", "expected a value, found “?” (line 3, column 2, byte 6)"),
    (
      "[" + String(repeating: "x", count: 60),
      "expected a value, found “xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…” (line 1, column 2, byte 1)"
    ),
  ]

  @Test(arguments: broken) func skippingNamesTheFault(document: String, sentence: String) {
    #expect(refusal { () throws(JSONError) in try JSONReader.read(document) { (_) throws(JSONError) in } } == sentence)
  }

  @Test(arguments: broken) func pullingRefusesTheSame(document: String, sentence: String) {
    let refused = refusal { () throws(JSONError) in
      try JSONReader.read(document) { (reader) throws(JSONError) in try pull(&reader) }
    }
    #expect(refused?.suffix(from: refused?.firstIndex(of: "(") ?? document.startIndex).isEmpty == false)
    #expect(place(refused) == place(sentence), "\(refused ?? "accepted")")
  }

  @Test func aWrongKindIsNamed() {
    let pulls: [((inout JSONReader) throws(JSONError) -> Void, String)] = [
      ({ (reader) throws(JSONError) in _ = try reader.string() }, "a string"),
      ({ (reader) throws(JSONError) in _ = try reader.int() }, "a 64-bit integer"),
      ({ (reader) throws(JSONError) in _ = try reader.int(in: -1...9) }, "an integer from -1 to 9"),
      ({ (reader) throws(JSONError) in _ = try reader.double() }, "a number"),
      ({ (reader) throws(JSONError) in _ = try reader.bool() }, "“true” or “false”"),
      ({ (reader) throws(JSONError) in try reader.null() }, "“null”"),
      ({ (reader) throws(JSONError) in try reader.object { (_, _) throws(JSONError) in } }, "an object"),
      ({ (reader) throws(JSONError) in try reader.array { (_) throws(JSONError) in } }, "an array"),
      ({ (reader) throws(JSONError) in _ = try reader.strings(limit: 1) }, "an array"),
    ]
    let values = [
      ("{}", "an object"), ("[]", "an array"), (#""a""#, "a string"), ("12.5", "“12.5”"), ("true", "“true”"),
      ("null", "“null”"),
    ]
    for (pull, expected) in pulls {
      for (value, found) in values {
        let refused = refusal { () throws(JSONError) in try JSONReader.read(" \(value)", pull) }
        let fits =
          expected == found || expected.contains(found) || expected == "a number" && found == "“12.5”"
        #expect(refused == (fits ? nil : "expected \(expected), found \(found) (line 1, column 2, byte 1)"))
      }
    }
  }

  @Test func integersKeepTheirRange() throws {
    let read = { (text: String, range: ClosedRange<Int>) throws(JSONError) in
      try JSONReader.read(text) { (reader) throws(JSONError) in try reader.int(in: range) }
    }
    #expect(try read("9223372036854775807", .min ... .max) == .max)
    #expect(try read("-9223372036854775808", .min ... .max) == .min)
    #expect(try read("-0", 0...0) == 0)
    #expect(try read("10", 1...10) == 10)
    for text in [
      "9223372036854775808", "-9223372036854775809", "18446744073709551616", "18446744073709551617",
      "10000000000000000000", "99999999999999999999", "100000000000000000000000000000000000", "1.0", "1e2", "1E2", "00",
      "-01",
    ] {
      #expect(
        refusal { () throws(JSONError) in _ = try read(text, .min ... .max) }
          == "expected a 64-bit integer, found “\(text)” (line 1, column 1, byte 0)")
    }
    #expect(
      refusal { () throws(JSONError) in _ = try read("11", 1...10) }
        == "expected an integer from 1 to 10, found “11” (line 1, column 1, byte 0)")
  }

  @Test func aCallerRefusesWithThePlace() {
    let read = { (body: (inout JSONReader, JSONString) throws(JSONError) -> Void) in
      refusal { () throws(JSONError) in
        try JSONReader.read("{\n  \"é\": [1, 2]}") { (reader) throws(JSONError) in try reader.object(body) }
      }
    }
    #expect(
      read { (reader, key) throws(JSONError) in throw reader.refusal("“\(key.string)” is unknown", at: key) }
        == "“é” is unknown (line 2, column 3, byte 4)")
    #expect(
      read { (reader, _) throws(JSONError) in throw reader.refusal("one is too few") }
        == "one is too few (line 2, column 8, byte 10)")
    #expect(
      read { (reader, _) throws(JSONError) in
        let start = reader.position
        try reader.skip()
        throw reader.refusal("one is too few", at: start)
      } == "one is too few (line 2, column 8, byte 10)")
    for offset in [-1, 1000] {
      #expect(read { (reader, _) throws(JSONError) in throw reader.refusal("x", at: offset) } != nil)
    }
  }

  @Test func theErrorHasItsParts() {
    do throws(JSONError) {
      try JSONReader.read("[\n?") { (_) throws(JSONError) in }
      Issue.record("accepted")
    } catch {
      #expect(error.problem == .unexpected(expected: "a value", found: "“?”"))
      #expect((error.offset, error.line, error.column) == (2, 2, 1))
      #expect(error.reason == "expected a value, found “?”")
      #expect("\(error)" == "expected a value, found “?” (line 2, column 1, byte 2)")
    }
  }

  @Test(arguments: [
    ([0xFF, 0xFE, 0x7B, 0x00] as [UInt8], "UTF-16"), ([0xFE, 0xFF, 0x00, 0x7B], "UTF-16"),
    ([0x7B, 0x00, 0x22, 0x00], "UTF-16"), ([0x00, 0x7B, 0x00, 0x22], "UTF-16"), ([0x31, 0x00], "UTF-16"),
    ([0x00, 0x31], "UTF-16"),
    ([0xFF, 0xFE, 0, 0, 0x7B, 0, 0, 0], "UTF-32"), ([0, 0, 0xFE, 0xFF, 0, 0, 0, 0x7B], "UTF-32"),
    ([0x7B, 0, 0, 0], "UTF-32"), ([0, 0, 0, 0x7B], "UTF-32"),
  ])
  func otherEncodingsAreNamed(bytes: [UInt8], name: String) {
    #expect(
      refusal { () throws(JSONError) in try JSONReader.read(bytes) { (_) throws(JSONError) in } }
        == "the text is encoded in \(name); JSON must be in UTF-8 (line 1, column 1, byte 0)")
  }

  @Test(arguments: [
    ([0x7B, 0x00] + Array("garbage".utf8), "expected a key in quotes, found the control character U+0000"),
    ([0x22, 0xC3, 0x22], "expected a text in UTF-8, found the byte 0xC3"),
    ([0x5B, 0xFF], "expected a value, found the byte 0xFF"),
    ([0x5B, 0x7F], "expected a value, found “\\u{7F}”"),
    ([0x5B, 0xEF, 0xBB], "expected a value, found the byte 0xEF"),
  ])
  func strayBytesAreNamed(bytes: [UInt8], sentence: String) {
    #expect(
      refusal { () throws(JSONError) in try JSONReader.read(bytes) { (_) throws(JSONError) in } }
        == sentence + " (line 1, column 2, byte 1)")
  }

  @Test func keysInSentencesCannotDriveATerminal() {
    let key = "\u{1B}[2J\u{202E}" + String(repeating: "x", count: 100)
    let document = "{\(JSONText.quoted(key)): 1, \(JSONText.quoted(key)): 2}"
    let refused = refusal { () throws(JSONError) in
      try JSONReader.read(document) { (reader) throws(JSONError) in
        try reader.object(unique: true) { (_, _) throws(JSONError) in }
      }
    }
    #expect(refused?.hasPrefix("the object has the key “\\u{1B}[2J\\u{202E}xxx") == true)
    #expect(refused?.contains("x…” twice (line 1, column 119") == true, "\(refused ?? "")")
  }

  private func place(_ sentence: String?) -> Substring? {
    sentence.flatMap { sentence in sentence.range(of: "(line").map { sentence[$0.lowerBound...] } }
  }
}

/// Pulls every value by the call for its kind.
func pull(_ reader: inout JSONReader) throws(JSONError) {
  switch try reader.peek() {
  case .object: try reader.object { (reader, _) throws(JSONError) in try pull(&reader) }
  case .array: try reader.array { (reader) throws(JSONError) in try pull(&reader) }
  case .string: _ = try reader.string()
  case .number: _ = try reader.double()
  case .bool: _ = try reader.bool()
  case .null: try reader.null()
  }
}
