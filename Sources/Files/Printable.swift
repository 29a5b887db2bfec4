extension String {
  /// The text for a terminal or a message, so that a name out of a file cannot drive either: control characters, line
  /// separators and the marks that turn the direction of writing are spelled out.
  package var printable: String {
    guard unicodeScalars.contains(where: Self.isHidden) else { return self }
    return unicodeScalars.reduce(into: "") { text, scalar in
      if Self.isHidden(scalar) { text += scalar.escaped(asASCII: true) } else { text.unicodeScalars.append(scalar) }
    }
  }

  /// The printable text, cut after that many characters of Unicode.
  package func printable(limit: Int) -> String {
    let rest = unicodeScalars.dropFirst(limit)
    return rest.isEmpty ? printable : String(unicodeScalars.prefix(limit)).printable + "…"
  }

  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case " "..."~": false
    // Persian and the scripts of India join letters by these, and emoji their parts.
    case "\u{200C}", "\u{200D}": false
    default:
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: true
      default: false
      }
    }
  }
}
