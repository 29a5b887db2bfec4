import Testing

@testable import Files

@Suite struct PrintableTests {
  /// Not arguments of the test, which would be shown on a terminal as they are.
  private static let texts = [
    ("plain text ~", "plain text ~"), ("Münze 貨幣 🪙", "Münze 貨幣 🪙"), ("a\u{1B}[2J", "a\\u{1B}[2J"),
    ("a\nb\rc\td", "a\\nb\\rc\\td"), ("\u{0}\u{7F}\u{85}\u{9B}", "\\0\\u{7F}\\u{0085}\\u{009B}"),
    // Right-to-left override and isolates: gpj.exe would be read as exe.jpg.
    ("\u{202E}gpj.exe", "\\u{202E}gpj.exe"), ("\u{2066}a\u{2069}", "\\u{2066}a\\u{2069}"),
    ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"), ("a\u{FEFF}b\u{AD}", "a\\u{FEFF}b\\u{00AD}"),
    ("\u{E0041}", "\\u{000E0041}"), ("", ""), ("e\u{301}", "e\u{301}"),
  ]

  @Test func whatDrivesATerminalIsSpelledOut() {
    for (text, printed) in Self.texts {
      #expect(Array(text.printable.unicodeScalars) == Array(printed.unicodeScalars))
    }
  }

  @Test func joinersOfLettersAndEmojiStay() {
    for text in ["👩‍🔬", "می‌خواهم", "क्‍ष"] { #expect(text.printable == text) }
  }

  @Test func aLongTextIsCut() {
    #expect("abcdef".printable(limit: 3) == "abc…")
    #expect("abc".printable(limit: 3) == "abc")
    #expect("".printable(limit: 0) == "")
    #expect("a".printable(limit: 0) == "…")
    #expect("\u{1B}bcd".printable(limit: 2) == "\\u{1B}b…")
    #expect(String(repeating: "x", count: 1 << 20).printable(limit: 40).unicodeScalars.count == 41)
  }
}
