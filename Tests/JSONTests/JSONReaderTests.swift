import JSON
import Testing

@Suite struct JSONReaderTests {
  @Test func aDocumentIsPulledInItsOrder() throws {
    let document = """
      { "name" : "Münze" , "size": [ 640 , 480 ],"score":0.5e0 , "crowd": true, "none": null, "parts": [[1.5, 2], []] }
      """
    var log: [String] = []
    try JSONReader.read(document) { (reader) throws(JSONError) in
      try reader.object { (reader, key) throws(JSONError) in
        switch key {
        case "name": log.append(try reader.string())
        case "size": log.append("\(try reader.integers(limit: 2))")
        case "score": log.append("\(try reader.double())")
        case "crowd": log.append("\(try reader.bool())")
        case "none": log.append("\(reader.consumeNull()) \(reader.consumeNull())")
        case "parts":
          var points: [Double] = [-1]
          try reader.array { (reader) throws(JSONError) in try reader.doubles(into: &points) }
          log.append("\(points)")
        default: log.append("unknown \(key.string)")
        }
      }
    }
    #expect(log == ["Münze", "[640, 480]", "0.5", "true", "true false", "[-1.0, 1.5, 2.0]"])
  }

  @Test func whatIsNotPulledIsSkipped() throws {
    let document = #"{"a": {"b": [1, {"c": "]}"}]}, "d": [true, "x", [[]], {}, 7], "e": 5}"#
    var elements: [Int] = []
    var last = 0
    try JSONReader.read(document) { (reader) throws(JSONError) in
      try reader.object { (reader, key) throws(JSONError) in
        switch key {
        case "d":
          try reader.array { (reader) throws(JSONError) in
            if try reader.peek() == .number { elements.append(try reader.int()) }
          }
        case "e": last = try reader.int()
        default: break
        }
      }
    }
    #expect(elements == [7])
    #expect(last == 5)
    try JSONReader.read(document) { (_) throws(JSONError) in }
  }

  @Test func loopsPullWithoutClosures() throws {
    struct Other: Error {}
    let bytes = Array(#"{"a": [1, 2, 3], "b": {}, "c": [], "d": 4}"#.utf8)
    let texts = try bytes.withUnsafeBytes { bytes throws -> [String] in
      var reader = JSONReader(bytes)
      var texts: [String] = []
      try reader.enterObject()
      while let key = try reader.nextKey() {
        guard try reader.peek() == .array else { continue }
        try reader.enterArray()
        while try reader.nextElement() { texts.append("\(key.string)\(try reader.int())") }
      }
      try reader.end()
      return texts
    }
    #expect(texts == ["a1", "a2", "a3"])
  }

  @Test func kindsAreToldFromTheFirstByte() throws {
    let kinds: [(String, JSONKind)] = [
      (" {", .object), ("\n[", .array), ("\t\"", .string), ("\r-", .number), ("0", .number), ("9", .number),
      ("t", .bool), ("f", .bool), ("n", .null),
    ]
    for (text, kind) in kinds {
      let found = try Array(text.utf8).withUnsafeBytes { bytes throws -> JSONKind in
        var reader = JSONReader(bytes)
        return try reader.peek()
      }
      #expect(found == kind, "\(text)")
    }
  }

  @Test(arguments: [
    #"{"a" : [1, 2.50e+1 , "\u00e9]"] }"#, #""a \" b""#, "-0.0e-5", "true", "null", "[]", "{}", "[[[[1], 2], {}], []]",
  ])
  func anUnknownValueIsKeptToTheByte(value: String) throws {
    let kept = try JSONReader.read("{\"x\":  \(value) \n, \"y\": 1}") { (reader) throws(JSONError) in
      var kept = ""
      try reader.object { (reader, key) throws(JSONError) in
        if key == "x" { kept = reader.text(in: try reader.skip()) }
      }
      return kept
    }
    #expect(kept == value)
  }

  @Test func keysAreComparedWithTheirEscapesReplaced() throws {
    var found: [String] = []
    try JSONReader.read(#"{"\u0061": 1, "a": 2, "b": 3, "": 4, "é": 5, "\u00e9": 6, "ab": 7}"#) {
      (reader) throws(JSONError) in
      try reader.object { (reader, key) throws(JSONError) in
        let value = try reader.int()
        switch key {
        case "a": found.append("a\(value)")
        case "é": found.append("é\(value)")
        case "": found.append("\(value)")
        default: found.append("other \(key.string)")
        }
      }
    }
    #expect(found == ["a1", "a2", "other b", "4", "é5", "é6", "other ab"])
  }

  @Test func keysMustBeUniqueWhereAsked() throws {
    let read = { (text: String, unique: Bool) throws(JSONError) in
      try JSONReader.read(text) { (reader) throws(JSONError) in
        try reader.object(unique: unique) { (_, _) throws(JSONError) in }
      }
    }
    try read(#"{"a": 1, "\u0061": 2}"#, false)
    // Of other scalars, though the same text to a reader.
    try read("{\"e\u{301}\": 1, \"\u{E9}\": 2}", true)
    #expect(
      refusal { () throws(JSONError) in try read(#"{"a": 1, "b": 2, "\u0061": 3}"#, true) }
        == "the object has the key “a” twice (line 1, column 18, byte 17)")
  }

  @Test func aByteOrderMarkIsSkipped() throws {
    #expect(try JSONReader.read("\u{FEFF}[7]") { (reader) throws(JSONError) in try reader.integers(limit: 1) } == [7])
    #expect(
      refusal { () throws(JSONError) in try JSONReader.read("\u{FEFF}\u{FEFF}[7]") { (_) throws(JSONError) in } }
        == "expected a value, found “\\u{FEFF}” (line 1, column 1, byte 3)")
  }

  @Test func limitsAreKept() throws {
    let read = { (text: String, pull: (inout JSONReader) throws(JSONError) -> Void) in
      refusal { () throws(JSONError) in try JSONReader.read(text, pull) }
    }
    #expect(read("[1, 2]") { (reader) throws(JSONError) in _ = try reader.integers(limit: 2) } == nil)
    #expect(
      read("[1, 2]") { (reader) throws(JSONError) in _ = try reader.integers(limit: 1) }
        == "expected at most 1 integer, found one more (line 1, column 5, byte 4)")
    #expect(
      read(#"["a"]"#) { (reader) throws(JSONError) in _ = try reader.strings(limit: 0) }
        == "expected at most 0 strings, found one more (line 1, column 2, byte 1)")
    #expect(
      read("[1, 2]") { (reader) throws(JSONError) in
        var values: [Double] = []
        try reader.doubles(into: &values, limit: 1)
      } == "expected at most 1 number, found one more (line 1, column 5, byte 4)")
    #expect(
      read("[1, 2]") { (reader) throws(JSONError) in try reader.array(limit: 1) { (_) throws(JSONError) in } }
        == "expected at most 1 element, found one more (line 1, column 5, byte 4)")
  }

  @Test func nestingHasALimitHoweverItIsRead() throws {
    let limit = JSONReader.maximumDepth
    for (open, close) in [("[", "]"), (#"{"a":"#, "}"), (#"[{"a":["#, "]}]")] {
      let depth = open.filter { "[{".contains($0) }.count
      let fits = repeated(open, limit / depth) + "0" + repeated(close, limit / depth)
      let tooDeep = repeated(open, limit / depth + 1) + "0" + repeated(close, limit / depth + 1)
      try JSONReader.read(fits) { (_) throws(JSONError) in }
      try JSONReader.read(fits) { (reader) throws(JSONError) in try descend(&reader) }
      let skipped = refusal { () throws(JSONError) in try JSONReader.read(tooDeep) { (_) throws(JSONError) in } }
      #expect(skipped?.hasPrefix("objects and arrays are nested more than 512 levels deep (line 1, ") == true)
      let pulled = refusal { () throws(JSONError) in
        try JSONReader.read(tooDeep) { (reader) throws(JSONError) in try descend(&reader) }
      }
      #expect(pulled == skipped)
    }
    let lists = repeated("[", 511)
    var values: [Double] = []
    try JSONReader.read(lists + "[1]" + repeated("]", 511)) { (reader) throws(JSONError) in
      try descend(&reader, levels: 511) { (reader) throws(JSONError) in try reader.doubles(into: &values) }
    }
    #expect(values == [1])
    #expect(
      refusal { () throws(JSONError) in
        try JSONReader.read(lists + "[[1]]" + repeated("]", 511)) { (reader) throws(JSONError) in
          try descend(&reader, levels: 511) { (reader) throws(JSONError) in
            try reader.array { (reader) throws(JSONError) in try reader.doubles(into: &values) }
          }
        }
      } == "objects and arrays are nested more than 512 levels deep (line 1, column 513, byte 512)")
  }

  @Test func whatLiesSideBySideIsNotNested() throws {
    let document = "[" + repeated(#"[1],{"a":[2]},"#, 600) + "[]]"
    try JSONReader.read(document) { (_) throws(JSONError) in }
    try JSONReader.read(document) { (reader) throws(JSONError) in try descend(&reader) }
    var values: [Double] = []
    try JSONReader.read("[" + repeated("[1],[],", 600) + "[2]]") { (reader) throws(JSONError) in
      try reader.array { (reader) throws(JSONError) in try reader.doubles(into: &values) }
    }
    #expect(values == [Double](repeating: 1, count: 600) + [2])
  }

  @Test func aMillionBracketsAreRefusedAtOnce() {
    #expect(
      refusal { () throws(JSONError) in
        try JSONReader.read(repeated("[", 1_000_000)) { (_) throws(JSONError) in }
      } == "objects and arrays are nested more than 512 levels deep (line 1, column 513, byte 512)")
  }

  @Test func theLevelsOfASkippedValueAreToldApart() throws {
    for text in ["[{\"a\":[]}}", "{\"a\":[{}}}", "[[{}]}", "{\"a\":{\"b\":[1]]}"] {
      #expect(
        refusal { () throws(JSONError) in try JSONReader.read(text) { (_) throws(JSONError) in } } != nil, "\(text)")
    }
    // Brackets that change at every level, through all words of the bit set.
    let open = (0..<512).map { $0 % 3 == 0 ? #"{"k":"# : "[" }
    let close = (0..<512).reversed().map { $0 % 3 == 0 ? "}" : "]" }
    try JSONReader.read(open.joined() + "1" + close.joined()) { (_) throws(JSONError) in }
    for wrong in stride(from: 0, to: 512, by: 7) {
      var close = close
      close[wrong] = close[wrong] == "}" ? "]" : "}"
      #expect(
        refusal { () throws(JSONError) in
          try JSONReader.read(open.joined() + "1" + close.joined()) { (_) throws(JSONError) in }
        } != nil)
    }
  }

  private func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

  private func descend(_ reader: inout JSONReader) throws(JSONError) {
    try descend(&reader) { (reader) throws(JSONError) in _ = try reader.int() }
  }

  /// Reads arrays and objects inside one another, at most `levels`, and what lies in them by `innermost`.
  private func descend(
    _ reader: inout JSONReader, levels: Int = .max, _ innermost: (inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    switch try reader.peek() {
    case .array where levels > 0:
      try reader.array { (reader) throws(JSONError) in try descend(&reader, levels: levels - 1, innermost) }
    case .object where levels > 0:
      try reader.object { (reader, _) throws(JSONError) in try descend(&reader, levels: levels - 1, innermost) }
    default: try innermost(&reader)
    }
  }
}

/// The sentence that `body` throws.
func refusal(_ body: () throws(JSONError) -> Void) -> String? {
  do throws(JSONError) {
    try body()
    return nil
  } catch {
    return error.description
  }
}
