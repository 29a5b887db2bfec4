extension String {
  /// The text with control characters, line separators and marks of writing direction escaped, so that a name from a
  /// file cannot control a terminal or disguise a message.
  package var printable: String {
    guard unicodeScalars.contains(where: Self.isHidden) else { return self }
    return unicodeScalars.reduce(into: "") { text, scalar in
      if Self.isHidden(scalar) { text += scalar.escaped(asASCII: true) } else { text.unicodeScalars.append(scalar) }
    }
  }

  /// The printable text, truncated to `limit` Unicode scalars.
  package func printable(limit: Int) -> String {
    let rest = unicodeScalars.dropFirst(limit)
    return rest.isEmpty ? printable : String(unicodeScalars.prefix(limit)).printable + "…"
  }

  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case " "..."~": false
    // Persian and Indian scripts join letters with these, and emoji their parts.
    case "\u{200C}", "\u{200D}": false
    default:
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: true
      default: false
      }
    }
  }
}
