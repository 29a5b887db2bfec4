extension StrokeFont {
  /// A combining character.
  struct Mark {
    enum Place {
      /// Above or below the letter's middle, beyond any mark before it.
      case above, below
      /// On the baseline, at the letter's middle or at its rightmost point there.
      case middle, foot
      /// At the right end of the letter's top.
      case shoulder
      /// Through the letter.
      case across
    }

    let place: Place
    let strokes: [[Point]]
  }

  static let marks: [Unicode.Scalar: Mark] = markOutlines.mapValues {
    Mark(place: $0.0, strokes: strokes(outline: $0.1))
  }

  private static let markOutlines: [Unicode.Scalar: (Mark.Place, String)] = [
    // Grave, acute, circumflex, tilde, macron, breve.
    "\u{300}": (.above, "0032"), "\u{301}": (.above, "0230"), "\u{302}": (.above, "022042"),
    "\u{303}": (.above, "02~10~4250"), "\u{304}": (.above, "0050"), "\u{306}": (.above, "00~2440"),
    // One dot, two, hook, ring, double acute, caron.
    "\u{307}": (.above, "0000"), "\u{308}": (.above, "0000 4040"), "\u{309}": (.above, "00~30~1213"),
    "\u{30A}": (.above, "1020~303132~332313~030201~0010"), "\u{30B}": (.above, "0220 4260"),
    "\u{30C}": (.above, "002240"),
    // Line, double grave, inverted breve, commas: turned, plain, reversed; the Greek circumflex.
    "\u{30D}": (.above, "0002"), "\u{30F}": (.above, "0022 4062"), "\u{311}": (.above, "02~0020~4042"),
    "\u{312}": (.above, "2003"), "\u{313}": (.above, "1002"), "\u{314}": (.above, "0012"),
    "\u{342}": (.above, "02~10~4250"),
    // Below: one dot, two, ring, comma, circumflex, breve, tilde, macron, the Greek iota.
    "\u{323}": (.below, "0000"), "\u{324}": (.below, "0000 4040"),
    "\u{325}": (.below, "1020~303132~332313~030201~0010"), "\u{326}": (.below, "1002"),
    "\u{32D}": (.below, "022042"), "\u{32E}": (.below, "00~2440"), "\u{330}": (.below, "02~10~4250"),
    "\u{331}": (.below, "0050"), "\u{345}": (.below, "0002"),
    // Cedilla, ogonek, horn; bars and slashes, short and long.
    "\u{327}": (.middle, "1011~31~3404"), "\u{328}": (.foot, "20~0002~0424"), "\u{31B}": (.shoulder, "02~2220"),
    "\u{335}": (.across, "0050"), "\u{336}": (.across, "0090"), "\u{337}": (.across, "0550"),
    "\u{338}": (.across, "0c80"),
  ]
}
