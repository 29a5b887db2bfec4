extension String {
  /// The text with control characters spelled out, so that a file's name cannot drive the terminal.
  var printable: String {
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "\u{00}"..."\u{1F}", "\u{7F}"..."\u{9F}": result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
