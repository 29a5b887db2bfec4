import Foundation
import Testing

@testable import Annotate

@Suite struct JSONTextTests {
  @Test func escapesWhatJSONAndLinesNeed() {
    #expect(JSONText.quoted("a\"b\\c\n\r\t\u{01}\u{7F}\u{85}\u{2028}é") == #""a\"b\\c\n\r\t\u0001\u007f\u0085\u2028é""#)
    #expect(JSONText.quoted("") == "\"\"")
  }

  @Test(arguments: Samples.hostileTexts) func anotherParserReadsTheSameScalars(text: String) throws {
    let document = JSONText.quoted(text)
    let read = try JSONSerialization.jsonObject(with: Data(document.utf8), options: .fragmentsAllowed) as? String
    #expect(read.map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
    #expect(!document.unicodeScalars.contains { CharacterSet.newlines.contains($0) })
  }

  @Test func arraysAreSpacedAsEverywhere() {
    #expect(JSONText.array([1, 2.5, 0.125], places: 2) == "[1, 2.5, 0.13]")
    #expect(JSONText.array([], places: 2) == "[]")
  }
}
