import Networks
import Tensor

/// The pieces of JSON that the writers and the command line share.
package enum JSONText {
  /// The text as a JSON string in quotes.
  ///
  /// Control characters and the Unicode line separators are escaped, so that a string never breaks a line of `jsonl`.
  package static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{00}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// The mask as COCO's compressed run lengths: `{"size": [height, width], "counts": "..."}`.
  static func mask(_ mask: Mask) -> String {
    "{\"size\": [\(mask.height), \(mask.width)], \"counts\": \(quoted(mask.rle))}"
  }

  /// The circle in pixels, to 2 decimals: `{"center": [x, y], "radius": radius}`.
  static func circle(_ circle: Circle) -> String {
    "{\"center\": \(array([Double(circle.x), Double(circle.y)], places: 2)), "
      + "\"radius\": \(DecimalText.shortest(Double(circle.radius), places: 2))}"
  }

  /// The numbers as a JSON array, each rounded to `places` decimals.
  static func array(_ values: [Double], places: Int) -> String {
    "[" + values.map { DecimalText.shortest($0, places: places) }.joined(separator: ", ") + "]"
  }
}
