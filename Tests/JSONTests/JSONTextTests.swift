import Foundation
import JSON
import Testing

@Suite struct JSONTextTests {
  @Test(arguments: [
    ("", #""""#), ("plain text", #""plain text""#), ("Münze 貨幣 🪙", #""Münze 貨幣 🪙""#),
    (#"a"b\c"#, #""a\"b\\c""#), ("\n\r\t", #""\n\r\t""#), ("\u{08}\u{0C}\0\u{1F}", #""\u0008\u000c\u0000\u001f""#),
    ("\u{7E}\u{7F}\u{80}\u{9F}\u{A0}", "\"~\\u007f\\u0080\\u009f\u{A0}\""),
    ("\u{2027}\u{2028}\u{2029}\u{202A}", "\"\u{2027}\\u2028\\u2029\u{202A}\""),
    ("\u{FFBF}\u{FFFD}\u{FFFE}\u{FFFF}\u{10000}", "\"\u{FFBF}\u{FFFD}\\ufffe\\uffff\u{10000}\""),
    ("\u{10FFFF}\u{1FFFE}", "\"\u{10FFFF}\u{1FFFE}\""), ("€\"€", #""€\"€""#), ("\"\"", #""\"\"""#),
  ])
  func escapesWhatJSONLinesAndYAMLNeed(text: String, document: String) {
    #expect(Array(JSONText.quoted(text).utf8) == Array(document.utf8))
  }

  @Test func everyScalarReadsBack() throws {
    let escaped = [0x00...0x1F, 0x22...0x22, 0x5C...0x5C, 0x7F...0x9F, 0x2028...0x2029, 0xFFFE...0xFFFF]
    for value in UInt32(0)...0x1_1000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = "<\(scalar)>"
      let quoted = JSONText.quoted(text)
      let isEscaped = escaped.contains { $0.contains(Int(value)) }
      if isEscaped == (quoted == "\"\(text)\"") { Issue.record("U+\(String(value, radix: 16)) gives \(quoted)") }
      let read = try JSONReader.read(quoted) { (reader) throws(JSONError) in try reader.string() }
      if Array(read.utf8) != Array(text.utf8) { Issue.record("U+\(String(value, radix: 16)) reads as \(read)") }
    }
  }

  @Test(arguments: [
    "a \"quoted\" \\ name", "two\nlines\r\nthree", "tab\tbell\u{07}escape\u{1B}", "\u{85}\u{2028}\u{2029}",
    "猫 и собака 🐈", "e\u{301}", "\u{FFFD}\u{FFFE}\u{FFFF}", "{\"a\": 1}",
  ])
  func anotherParserReadsTheSameScalars(text: String) throws {
    let document = JSONText.quoted(text)
    let read = try JSONSerialization.jsonObject(with: Data(document.utf8), options: .fragmentsAllowed) as? String
    #expect(read.map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
    #expect(!document.unicodeScalars.contains { CharacterSet.newlines.contains($0) })
  }

  @Test func textsOfForeignStorageAreQuoted() {
    #expect(JSONText.quoted(NSString("Münze \"1\" und noch eine") as String) == #""Münze \"1\" und noch eine""#)
  }

  @Test func arraysOfNumbersAreSpacedAsEverywhere() {
    #expect(JSONText.array([1, 2.5, 0.125], places: 2) == "[1, 2.5, 0.13]")
    #expect(JSONText.array([], places: 2) == "[]")
  }

  @Test func arraysOfTextsAreNotSpaced() {
    #expect(JSONText.array(["a\"", "b"]) == #"["a\"","b"]"#)
    #expect(JSONText.array([]) == "[]")
  }
}
