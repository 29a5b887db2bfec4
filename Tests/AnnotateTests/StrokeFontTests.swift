import Testing

@testable import Annotate

@Suite struct StrokeFontTests {
  static let printable = (32...126).map { Character(UnicodeScalar($0)) }

  @Test func everyPrintableCharacterHasItsOwnGlyph() {
    let glyphs = Self.printable.map { StrokeFont.glyph($0).strokes }
    for (index, glyph) in glyphs.enumerated() {
      #expect(glyph.isEmpty == (Self.printable[index] == " "))
      for other in glyphs[..<index] { #expect(glyph != other, "\(Self.printable[index])") }
    }
  }

  @Test func glyphsStayInTheGrid() {
    for character in Self.printable {
      let glyph = StrokeFont.glyph(character)
      for point in glyph.strokes.joined() {
        #expect((0...StrokeFont.descent).contains(point.y), "\(character)")
        #expect((0...glyph.advance - StrokeFont.spacing).contains(point.x), "\(character)")
      }
    }
  }

  @Test func curvesEndWhereTheirPointsSay() throws {
    let o = try #require(StrokeFont.glyph("o").strokes.first)
    #expect(o.first == StrokeFont.Point(x: 3, y: 4))
    #expect(o.last == o.first)
    #expect(o.contains(StrokeFont.Point(x: 6, y: 8)))
    #expect(StrokeFont.glyph(".").strokes == [[StrokeFont.Point(x: 0, y: 12), StrokeFont.Point(x: 0, y: 12)]])
  }

  @Test(arguments: ["ß", "漢", "👩‍👩‍👧", "\n", "\u{7F}", "e\u{301}"] as [Character])
  func otherCharactersAreAFrame(character: Character) {
    #expect(StrokeFont.glyph(character).strokes == StrokeFont.glyph("\u{FFFD}").strokes)
    #expect(StrokeFont.glyph(character).strokes.first?.count == 5)
  }

  @Test func widthsAdd() {
    #expect(StrokeFont.width("") == 0)
    #expect(StrokeFont.width("H") == 7)
    #expect(StrokeFont.width("HH") == 17)
  }
}
