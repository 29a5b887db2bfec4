import Testing

@testable import Datasets

@Suite struct XMLTextTests {
  @Test func escapesMarkupAndLineBreaks() {
    #expect(XMLText.escaped("<a href=\"b\">&'\n\r\t") == "&lt;a href=&quot;b&quot;&gt;&amp;'&#10;&#13;&#9;")
  }

  @Test func replacesWhatXMLCannotHold() {
    #expect(
      XMLText.escaped("a\u{00}b\u{01}c\u{1F}d\u{FFFE}e\u{FFFF}f") == "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}e\u{FFFD}f")
    #expect(XMLText.escaped("é猫🐈") == "é猫🐈")
  }
}
