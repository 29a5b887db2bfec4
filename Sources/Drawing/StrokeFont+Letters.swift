extension StrokeFont {
  /// A letter with its marks.
  struct Letter {
    var base: Unicode.Scalar
    fileprivate(set) var marks: [Unicode.Scalar] = []

    /// Adds a mark, unless there are already more than any language uses.
    mutating func add(_ mark: Unicode.Scalar) {
      if marks.count < 4 { marks.append(mark) }
    }

    var glyph: Glyph {
      guard marks.isEmpty else { return composed() }
      return plainGlyphs[base] ?? Glyph(strokes: [])
    }
  }

  /// The glyphs of the tables, by code point.
  static let plainGlyphs: [Unicode.Scalar: Glyph] = {
    var glyphs: [Unicode.Scalar: Glyph] = [:]
    for (code, outline) in zip(UInt8(32)..., asciiOutlines) {
      glyphs[Unicode.Scalar(code)] = Glyph(strokes: strokes(outline: outline))
    }
    for (scalar, outline) in tables.joined() { glyphs[scalar] = Glyph(strokes: strokes(outline: outline)) }
    return glyphs
  }()

  /// The letters of the tables, and those with marks for which Unicode also has one code point.
  ///
  /// Canonically equivalent characters are equal: é is also found as e with U+0301.
  static let letters: [Character: Letter] = {
    var letters: [Character: Letter] = [:]
    for scalar in plainGlyphs.keys { letters[Character(scalar)] = Letter(base: scalar) }
    func add(_ bases: String, _ marks: String, _ further: String = "") {
      for base in bases.unicodeScalars {
        for mark in marks.unicodeScalars {
          if further.isEmpty { add(Letter(base: base, marks: [mark])) }
          for second in further.unicodeScalars { add(Letter(base: base, marks: [mark, second])) }
        }
      }
    }
    func add(_ letter: Letter) {
      var scalars = String.UnicodeScalarView([letter.base])
      scalars.append(contentsOf: letter.marks)
      let character = Character(String(scalars))
      if letters[character] == nil { letters[character] = letter }
    }
    let latin = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzÆæØøſƠơƯư"
    add(latin, "\u{300}\u{301}\u{302}\u{303}\u{304}\u{306}\u{307}\u{308}\u{309}\u{30A}\u{30B}\u{30C}\u{30F}\u{311}")
    add(latin, "\u{323}\u{324}\u{325}\u{326}\u{327}\u{328}\u{32D}\u{32E}\u{330}\u{331}")
    add(
      "AEIOUaeiou", "\u{302}\u{303}\u{304}\u{306}\u{307}\u{308}\u{30A}\u{327}\u{328}",
      "\u{300}\u{301}\u{303}\u{304}\u{306}\u{308}\u{309}\u{30C}\u{323}")
    add("CLRSclrs", "\u{301}\u{30C}\u{323}\u{327}", "\u{301}\u{304}\u{307}")
    add("ΑΕΗΙΟΥΩαεηιουω¨", "\u{300}\u{301}\u{304}\u{306}\u{308}\u{342}")
    add("ιυ", "\u{308}", "\u{300}\u{301}\u{342}")
    add("АЕЖЗИІКГОУЧЫЭӘӨаежзиікгоучыэәө", "\u{300}\u{301}\u{304}\u{306}\u{308}\u{30B}")
    return letters
  }()
}
