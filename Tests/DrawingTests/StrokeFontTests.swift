import Testing

@testable import Drawing

@Suite struct StrokeFontTests {
  static let printable = (32...126).map { Character(UnicodeScalar($0)) }
  static let latin = characters(0xA1...0xAC) + characters(0xAE...0x17F)
  /// All but ẚ, ẜ, ẝ, ẟ and the Middle Welsh letters.
  static let furtherLatin =
    characters(0x1E00...0x1E99) + ["ẛ", "ẞ"] + characters(0x1EA0...0x1EF9) + Array("ȘșȚțǍǎƏəƒƠơƯư")
  static let greek =
    characters(0x384...0x386) + characters(0x388...0x38A) + ["\u{38C}"] + characters(0x38E...0x3A1)
    + characters(0x3A3...0x3CE)
  static let cyrillic = characters(0x400...0x45F) + Array("ҐґӘәҒғҖҗҚқҢңӨөҰұҮүҺһӢӣӮӯ")
  static let signs = Array("‐‑‒–—―‘’‚“”„‹›†‡•…‰′″⁄€₩₹₽№™←↑→↓−≈≠≤≥")
  static let all = printable + latin + furtherLatin + greek + cyrillic + signs

  private static func characters(_ codes: ClosedRange<UInt32>) -> [Character] {
    codes.compactMap(UnicodeScalar.init).map(Character.init)
  }

  /// The glyph of what is drawn as a single letter.
  private func glyph(_ character: Character) throws -> StrokeFont.Glyph {
    let parts = StrokeFont.parts(of: character)
    guard parts.count == 1, case .letter(let letter) = parts[0] else {
      throw Missing(character: character)
    }
    return letter.glyph
  }

  private struct Missing: Error {
    let character: Character
  }

  private func points(_ character: Character) throws -> [StrokeFont.Point] {
    try Array(glyph(character).strokes.joined())
  }

  @Test func everyPrintableCharacterHasItsOwnGlyph() throws {
    let glyphs = try Self.printable.map { try glyph($0).strokes }
    for (index, glyph) in glyphs.enumerated() {
      #expect(glyph.isEmpty == (Self.printable[index] == " "))
      for other in glyphs[..<index] { #expect(glyph != other, "\(Self.printable[index])") }
    }
  }

  @Test func theOutlinesOfASCIIAreWhatTheyWere() throws {
    // FNV-1a over the bits of all points, of the font that had ASCII alone.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ value: Float) { hash = (hash ^ UInt64(value.bitPattern)) &* 0x100_0000_01b3 }
    for character in Self.printable {
      let glyph = try glyph(character)
      add(glyph.advance)
      for stroke in glyph.strokes {
        for point in stroke { [point.x, point.y].forEach(add) }
        add(-1)
      }
    }
    #expect(hash == 0xdb0b_53ba_9a0f_3e2f)
  }

  @Test func glyphsStayInTheGrid() throws {
    for character in Self.printable {
      #expect(try points(character).allSatisfy { (0...StrokeFont.descent).contains($0.y) }, "\(character)")
    }
    for character in Self.all {
      let glyph = try glyph(character)
      #expect(glyph.strokes.isEmpty == (character == " "), "\(character)")
      for point in glyph.strokes.joined() {
        #expect((-StrokeFont.ascent...StrokeFont.descent).contains(point.y), "\(character)")
        #expect((0...glyph.advance - StrokeFont.spacing).contains(point.x), "\(character)")
      }
    }
  }

  @Test(arguments: [
    latin + furtherLatin + Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"), greek, cyrillic,
  ])
  func lettersOfAScriptLookDifferent(script: [Character]) throws {
    let lookalikes: [Set<Character>] = [["Đ", "Ð"], ["´", "΄"], ["ү", "γ"]]
    var seen: [String: Character] = [:]
    for character in Set(script) {
      let shape = "\(try glyph(character).strokes)"
      if let other = seen[shape], !lookalikes.contains([other, character]) {
        Issue.record("\(other) looks like \(character)")
      }
      seen[shape] = character
    }
  }

  @Test func lettersThatLookAlikeAreAlike() throws {
    for (one, other) in zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονΪАВЕКМНОРСТХаеорсухЁїЈѕ", "ABEZHIKMNOPTYXovÏABEKMHOPCTXaeopcyxËïJs") {
      #expect(try glyph(one).strokes == glyph(other).strokes, "\(one)")
    }
  }

  @Test(arguments: zip("éèêëẽēĕėẻėěňżǵäöüїёйύ", "eeeeeeeeeeenzgaouіеиυ"))
  func accentsLieAboveTheirLetters(accented: Character, plain: Character) throws {
    let letter = try points(plain).filter { $0.y >= 4 }
    let all = try points(accented)
    let accent = all.filter { point in point.y < 2 }
    #expect(!accent.isEmpty)
    #expect(accent.map(\.y).max() ?? 9 <= 1.5)
    // The letter is as it was, but for a shift to the right.
    let below = all.filter { $0.y >= 4 }
    #expect(below.map(\.y) == letter.map(\.y))
    let shift = below[0].x - letter[0].x
    #expect(zip(below, letter).allSatisfy { $0.x - $1.x == shift })
  }

  @Test(arguments: zip("ÉÇĶÅŽŐЙÜŠẤỆ", "ECKAZOИUSAE"))
  func accentsOfCapitalsKeepClearOfThem(accented: Character, plain: Character) throws {
    let count = try glyph(plain).strokes.count
    let strokes = try glyph(accented).strokes
    let letter = strokes[..<count].joined().map(\.y)
    for mark in strokes[count...] {
      let (top, bottom) = try (#require(mark.map(\.y).min()), #require(mark.map(\.y).max()))
      // The cedilla hangs on the letter.
      #expect(bottom <= (letter.min() ?? 0) - 2.5 || top >= (letter.max() ?? 0), "\(accented)")
    }
    #expect(letter.max() == 12)
    #expect((letter.min() ?? 9) < 4)
  }

  @Test(arguments: zip("ạẹịọụỵḅșțņķçşąęįų", "aeiouybstnkcsaeiu"))
  func marksBelowLieBelow(marked: Character, plain: Character) throws {
    let count = try glyph(plain).strokes.count
    let strokes = try glyph(marked).strokes
    #expect(strokes.count > count)
    #expect(strokes[count...].joined().allSatisfy { $0.y >= 12 })
    #expect(strokes[..<count].joined().map(\.y) == (try points(plain)).map(\.y))
  }

  @Test func aLetterUnderAnAccentHasNoDot() throws {
    #expect(try glyph("í").strokes.count == 2)
    #expect(try glyph("ĵ").strokes.count == 2)
    #expect(try glyph("і\u{301}").strokes.count == 2)
    #expect(try glyph("į").strokes.count == 3)
  }

  @Test func decomposedTextIsDrawnAsComposedText() throws {
    for (composed, decomposed) in [
      ("é", "e\u{301}"), ("Å", "A\u{30A}"), ("ď", "d\u{30C}"), ("ģ", "g\u{327}"), ("ơ", "o\u{31B}"),
      ("ợ", "o\u{323}\u{31B}"), ("ợ", "o\u{31B}\u{323}"), ("ế", "e\u{302}\u{301}"), ("ệ", "e\u{302}\u{323}"),
      ("ệ", "ẹ\u{302}"), ("ĵ", "j\u{302}"),
      ("Ά", "Α\u{301}"), ("ΰ", "υ\u{308}\u{301}"), ("й", "и\u{306}"), ("ї", "і\u{308}"), ("K", "\u{212A}"),
      ("Ω", "\u{2126}"), (";", "\u{37E}"),
    ] as [(Character, Character)] {
      #expect(composed == decomposed)
      #expect(try glyph(composed).strokes == glyph(decomposed).strokes, "\(composed)")
    }
    // Where Unicode has no letter in one piece, the order of marks at different places does not count.
    #expect(try glyph("q\u{301}\u{323}").strokes.count == 4)
    #expect(try glyph("q\u{323}\u{307}").strokes == glyph("q\u{307}\u{323}").strokes)
    #expect(try glyph("\u{301}").strokes == glyph(" \u{301}").strokes)
    #expect(try glyph("e\u{200D}\u{301}").strokes == glyph("é").strokes)
  }

  @Test func marksWithoutEndAreBounded() throws {
    // Swift compares such characters in a time that grows with the square of the marks: hours.
    let marks = String(repeating: "\u{302}\u{323}", count: 200_000)
    for base in "oÅ.,_ ".map(String.init) {
      let points = try points(Character(base + marks))
      #expect(points.count < 200)
      #expect(points.allSatisfy { (-StrokeFont.ascent...StrokeFont.descent).contains($0.y) && $0.x >= 0 })
    }
  }

  @Test func curvesEndWhereTheirPointsSay() throws {
    let o = try #require(glyph("o").strokes.first)
    #expect(o.first == StrokeFont.Point(x: 3, y: 4))
    #expect(o.last == o.first)
    #expect(o.contains(StrokeFont.Point(x: 6, y: 8)))
    #expect(try glyph(".").strokes == [[StrokeFont.Point(x: 0, y: 12), StrokeFont.Point(x: 0, y: 12)]])
  }

  @Test func aStrokeStandsForAnotherCharacter() {
    #expect(StrokeFont.strokes(outline: "=T 0848").count == 3)
    #expect(StrokeFont.strokes(outline: "=Ђ") == StrokeFont.strokes(outline: StrokeFont.cyrillicOutlines["Ђ"] ?? ""))
    #expect(StrokeFont.strokes(outline: "=漢").isEmpty)
    for (scalar, outline) in StrokeFont.tables.joined() {
      let others = outline.filter { !"0123456789abcdefghijklmnopqrstuvwxyz~ ".contains($0) }
      #expect(others.isEmpty || others.first == "=", "\(scalar)")
    }
  }

  @Test(
    arguments: [
      ("漢", ["漢"]), ("\n", ["\n"]), ("\u{7F}", ["\u{7F}"]), ("\r\n", ["\r", "\n"]), ("\u{FFFD}", ["\u{FFFD}"]),
      ("👩‍👩‍👧", ["👩", "👩", "👧"]), ("❤️", ["\u{2764}"]), ("a\u{359}", ["\u{359}"]), ("ẚ", ["ẚ"]),
    ] as [(Character, [Unicode.Scalar])])
  func otherCharactersAreFrames(character: Character, scalars: [Unicode.Scalar]) {
    let frames = StrokeFont.parts(of: character).compactMap { part in
      if case .frame(let frame) = part { frame.scalar } else { nil }
    }
    #expect(frames == scalars)
  }

  @Test(arguments: ["\u{200B}", "\u{200D}", "\u{FEFF}", "\u{AD}", "\u{FE0F}", "\u{202E}", "\u{E0041}"] as [Character])
  func invisibleCharactersAreNotDrawn(character: Character) {
    #expect(StrokeFont.parts(of: character).isEmpty)
  }

  @Test func spacesAreAsWideAsOne() {
    for space in ["\u{A0}", "\u{2009}", "\u{202F}", "\u{3000}"] {
      #expect(StrokeFont.width("a\(space)b") == StrokeFont.width("a b"))
    }
  }

  @Test func widthsAdd() {
    #expect(StrokeFont.width("") == 0)
    #expect(StrokeFont.width("H") == 7)
    #expect(StrokeFont.width("HH") == 17)
    #expect(StrokeFont.width("H\u{200D}É") == 16)
    #expect(StrokeFont.width(String(repeating: "H", count: 100), limit: 27) == 27)
    #expect(StrokeFont.width(String(repeating: "H", count: 100), limit: 28) == 37)
  }
}
