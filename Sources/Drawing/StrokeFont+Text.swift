extension StrokeFont {
  /// A drawn part of a text: a letter with its marks, or the frame of a missing character.
  enum Part {
    case letter(Letter)
    case frame(CodePointFrame)

    var advance: Float {
      switch self {
      case .letter(let letter): letter.glyph.advance
      case .frame(let frame): frame.advance
      }
    }
  }

  /// The parts of a text, computed lazily.
  static func parts(of text: String) -> some Sequence<Part> { text.lazy.flatMap(parts) }

  /// The parts of a character: one for a letter with its marks, else one for each visible code point.
  static func parts(of character: Character) -> [Part] {
    let scalars = character.unicodeScalars
    if let first = scalars.first, (" "..."~").contains(first), scalars.dropFirst().isEmpty {
      return [.letter(Letter(base: first))]
    }
    // The time to compare or hash a character grows with the square of the number of its marks.
    if scalars.dropFirst(4).isEmpty, let letter = letters[character] { return [.letter(letter)] }
    var parts: [Part] = []
    var letter: Letter?
    for scalar in scalars {
      if marks[scalar] != nil {
        letter = letter ?? Letter(base: " ")
        letter?.add(scalar)
      } else if !scalar.properties.isDefaultIgnorableCodePoint {
        if let letter { parts.append(.letter(letter)) }
        letter = scalar.properties.generalCategory == .spaceSeparator ? Letter(base: " ") : letters[Character(scalar)]
        if letter == nil { parts.append(.frame(CodePointFrame(scalar: scalar))) }
      }
    }
    if let letter { parts.append(.letter(letter)) }
    return parts
  }

  /// The width of `text` in units of the font, without the spacing after its last glyph. Measuring stops beyond
  /// `limit`.
  static func width(_ text: String, limit: Float = .infinity) -> Float {
    var width = -spacing
    for part in parts(of: text) {
      width += part.advance
      guard width < limit else { break }
    }
    return max(width, 0)
  }
}
