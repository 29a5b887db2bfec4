extension StrokeFont {
  /// What a character, or a part of it, is drawn as.
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

  /// The parts of a text, found as they are asked for.
  static func parts(of text: String) -> some Sequence<Part> { text.lazy.flatMap(parts) }

  /// The parts of a character: one for a letter with its marks, else one for each code point that is seen.
  static func parts(of character: Character) -> [Part] {
    let scalars = character.unicodeScalars
    if let first = scalars.first, (" "..."~").contains(first), scalars.dropFirst().isEmpty {
      return [.letter(Letter(base: first))]
    }
    // The time to compare a character, and so to hash it, grows with the square of its marks.
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

  /// The distance that `text` advances, without the spacing behind its last glyph; not measured beyond `limit`.
  static func width(_ text: String, limit: Float = .infinity) -> Float {
    var width = -spacing
    for part in parts(of: text) {
      width += part.advance
      guard width < limit else { break }
    }
    return max(width, 0)
  }
}
