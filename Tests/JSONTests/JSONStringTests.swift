import JSON
import TestSupport
import Testing

@Suite struct JSONStringTests {
  private func read(_ bytes: [UInt8]) -> String? {
    try? JSONReader.read(bytes) { (reader) throws(JSONError) in try reader.string() }
  }

  @Test(arguments: [
    (#""""#, ""), (#""a""#, "a"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0000""#, "\0"),
    (#""\u00e9\u00C9""#, "éÉ"), (#""\u677f\ud83d\ude00""#, "板😀"),
    (#""\uD800\uDC00\uDBFF\uDFFF""#, "\u{10000}\u{10FFFF}"),
    (#""\uFFFF\ufeff""#, "\u{FFFF}\u{FEFF}"), (#""12345678\n12345678""#, "12345678\n12345678"),
    (#""/\u002f\\u0041""#, "//\\u0041"), (#""é\né""#, "é\né"), ("\"\u{7F}\u{80}\u{2028}\"", "\u{7F}\u{80}\u{2028}"),
  ])
  func escapesAndOtherScriptsRead(document: String, text: String) {
    #expect(read(Array(document.utf8)).map { Array($0.utf8) } == Array(text.utf8))
  }

  @Test func everyScalarReadsFromItsEscape() {
    for value in UInt32(0)...0x1_0800 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let units = UTF16.encode(scalar).map(Array.init) ?? []
      let escapes = units.map { unit in
        let digits = String(unit, radix: 16, uppercase: value & 1 == 0)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
      if read(Array("\"\(escapes.joined())\"".utf8)).map({ Array($0.unicodeScalars) }) != [scalar] {
        Issue.record("\(escapes)")
      }
    }
  }

  /// All leads with the bytes behind them that decide, at each place of a word of eight.
  @Test func malformedUTF8IsRefusedAsTheStandardLibraryDoes() {
    let edges: [UInt8] = [0x00, 0x22, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xE2, 0xFF]
    for lead in UInt8(0x80)...0xFF {
      for second in edges {
        for third in edges {
          for fourth in [0x41, 0x80, 0xBF, 0xC0] as [UInt8] {
            let text = [lead, second, third, fourth] + Array("end".utf8)
            guard !text.contains(0x22), !text.contains(0) else { continue }
            let expected = String(validating: text, as: UTF8.self)
            let padding = [UInt8](repeating: 0x61, count: Int(lead & 7))
            let found = read([0x22] + padding + text + [0x22])
            if found.map({ Array($0.utf8) }) != expected.map({ padding + Array($0.utf8) }) {
              Issue.record("\(text.map { String($0, radix: 16) })")
            }
          }
        }
      }
    }
    // The document ends inside a scalar.
    for text in ["é", "貨", "😀"] {
      for count in 1..<text.utf8.count { #expect(read([0x22] + text.utf8.prefix(count)) == nil) }
    }
  }

  /// Each byte at each place, so that no word of eight hides one.
  @Test func everyByteAtEveryPlace() {
    for length in 1...20 {
      for place in 0..<length {
        for byte in [0x00, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x5B, 0x5C, 0x5D, 0x7F, 0x80, 0xA0, 0xA2, 0xDC, 0xFF]
          as [UInt8]
        {
          var text = [UInt8](repeating: 0x61, count: length)
          text[place] = byte
          let isPlain = byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5C
          if (read([0x22] + text + [0x22]) != nil) != isPlain { Issue.record("\(byte) at \(place) of \(length)") }
        }
      }
    }
  }

  @Test func viewsCompareAndAppendWithoutACopy() throws {
    let document = #"["abc", "a\u0062c", "é", "\u00e9", "e\u0301", "abd", "ab"]"#
    try JSONReader.read(document) { (reader) throws(JSONError) in
      var views: [JSONString] = []
      try reader.array { (reader) throws(JSONError) in views.append(try reader.text()) }
      #expect(views[0] == views[1] && views[2] == views[3] && views[0] != views[2] && views[3] != views[4])
      #expect(views[0] != views[5] && views[0] != views[6])
      #expect(Set(views).count == 5)
      #expect(views[1] == "abc" && views[0] == "abc" && !(views[0] == "abd") && !(views[1] == "ab"))
      #expect(views.map(\.string) == ["abc", "abc", "é", "é", "e\u{301}", "abd", "ab"])
      #expect(views.map(\.offset) == [1, 8, 20, 26, 36, 47, 54])
      var bytes: [UInt8] = [0x2F]
      for view in views { view.append(to: &bytes) }
      #expect(bytes == Array("/abcabcéée\u{301}abdab".utf8))
    }
  }
}
