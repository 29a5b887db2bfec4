/// A font of Latin, Greek and Cyrillic letters, drawn as strokes of a pen of constant width, for labels of any size.
///
/// In the grid, y is 0 at the top of capitals and grows downwards: the top of small letters is 4, the baseline is 12,
/// and descenders end at 16. An outline is one or more strokes separated by spaces. A stroke is a list of points, each
/// two base-36 digits, x and y. A point after `~` is the control point of a quadratic curve; halfway between two
/// control points lies a point of the curve. The stroke `=A` stands for all strokes of the character A.
///
/// Letters with accents have no outlines: they are composed of a letter and marks, which may reach above the grid.
enum StrokeFont {
  struct Point: Equatable {
    var x: Float
    var y: Float

    func middle(_ other: Point) -> Point { Point(x: (x + other.x) / 2, y: (y + other.y) / 2) }
  }

  struct Glyph {
    /// Polylines; one whose points coincide is a dot.
    let strokes: [[Point]]
    /// The distance from this glyph's origin to the next one's.
    let advance: Float

    init(strokes: [[Point]]) {
      self.strokes = strokes
      advance = (strokes.joined().map(\.x).max() ?? 1) + spacing
    }
  }

  /// The height of capitals and digits.
  static let capHeight: Float = 12
  /// The bottom of descenders, below the top of capitals.
  static let descent: Float = 16
  /// The height of marks above the top of capitals.
  static let ascent: Float = 3.5
  /// The distance from the rightmost point of a glyph to the origin of the next.
  static let spacing: Float = 3
  /// The width of the pen.
  static let penWidth: Float = 1.75

  static func strokes(outline: String) -> [[Point]] {
    outline.split(separator: " ").flatMap { stroke in
      guard stroke.first == "=", let other = stroke.unicodeScalars.last else { return [polyline(stroke)] }
      return StrokeFont.outline(of: other).map(strokes(outline:)) ?? []
    }
  }

  /// The outline of a character in the tables, or nil.
  static func outline(of scalar: Unicode.Scalar) -> String? {
    guard scalar.isASCII else { return tables.lazy.compactMap { $0[scalar] }.first }
    let index = Int(scalar.value) - 32
    return asciiOutlines.indices.contains(index) ? asciiOutlines[index] : nil
  }

  /// The outlines of characters beyond ASCII.
  static let tables = [latinOutlines, greekOutlines, cyrillicOutlines, symbolOutlines]

  private static func polyline(_ stroke: Substring) -> [Point] {
    var line: [Point] = []
    var control: Point?
    var isControl = false
    var digits: [Float] = []
    func curve(around control: Point, to end: Point) {
      guard let start = line.last else { return }
      let pieces = 8
      for piece in 1...pieces {
        let t = Float(piece) / Float(pieces)
        let (a, b, c) = ((1 - t) * (1 - t), 2 * t * (1 - t), t * t)
        line.append(
          Point(x: a * start.x + b * control.x + c * end.x, y: a * start.y + b * control.y + c * end.y))
      }
    }
    for character in stroke {
      guard let digit = character.base36Digit else {
        isControl = true
        continue
      }
      digits.append(digit)
      guard digits.count == 2 else { continue }
      let point = Point(x: digits[0], y: digits[1])
      digits = []
      switch (control, isControl) {
      case (nil, false): line.append(point)
      case (nil, true): control = point
      case (let previous?, false):
        curve(around: previous, to: point)
        control = nil
      case (let previous?, true):
        curve(around: previous, to: previous.middle(point))
        control = point
      }
      isControl = false
    }
    return line
  }

  static let asciiOutlines = [
    "", "0008 0c0c", "0003 3033", "301c 705c 0484 0888",  // space ! " #
    "62~5030~0003~0636~6669~6c3c~1c0a 303e", "02~00~30~34~0402 5a~58~88~8c~5c5a 701c",  // $ %
    "7c13~0030~5052~5426~0709~0c3c~6c77", "0003", "20~0307~0b2e", "00~2327~2b0e",  // & ' ( )
    "3036 0165 6105", "343a 0767", "1b0e", "0747", "0c0c", "500d",  // * + , - . /
    "30~606468~6c3c~0c0804~0030", "03303c", "03~0030~6063~65470c6c",  // 0 1 2
    "02~1030~6063~6636~6669~6c3c~1c0a", "4c400969", "601005~1434~6468~6c3c~1c0a",  // 3 4 5
    "08~0535~6568~6c3c~0c0804~0030~5062", "00602c", "30~6063~6636~0603~0030 36~6669~6c3c~0c09~0636",  // 6 7 8
    "64~6737~0704~0030~606468~6c3c~1c0a", "0505 0c0c", "1515 1b0e", "63076b", "0565 0969", "03670b",  // 9 : ; < = >
    "03~0030~6063~653738 3c3c", "54~74~79~39~3454 7478~7989~a9a6~a050~0006~0d5d8d",  // ? @
    "0c408c 2868", "0030~6063~6636 000c4c~7c79~764606", "72~604030~000408~0c3c4c~6c7a",  // A B C
    "0030~707478~7c3c0c00", "60000c6c 0656", "60000c 0656", "72~604030~000408~0c3c4c~7c787747",  // D E F G
    "000c 707c 0676", "000c", "5058~5c3c~0c0a", "000c 7007 257c", "000c6c", "0c0047808c", "0c007c70",  // H I J K L M N
    "3040~707478~7c4c3c~0c0804~0030", "0c0040~70~774707", "3040~707478~7c4c3c~0c0804~0030 597d",  // O P Q
    "0c0040~70~774707 477c", "72~604030~0003~063646~7679~7c4c3c~1c0a", "0080 404c", "0008~0c3c4c~7c7870",  // R S T U
    "004c80", "002c528ca0", "007c 700c", "004680 464c", "00700c7c",  // V W X Y Z
    "20000e2e", "005d", "00202e0e", "033063", "0e7e", "0022",  // [ \ ] ^ _ `
    "05~1434~64676c 6838~080a~0c2c~5c6a", "000c 06~1434~6468~6c3c~1c0a", "66~5434~0408~0c3c~5c6a",  // a b c
    "606c 66~5434~0408~0c3c~5c6a", "0868~6434~0408~0c3c~5c6a", "40~20232c 0444",  // d e f
    "646d~6g3g~1g0f 66~5434~0408~0c3c~5c6a", "000c 07~0434~64676c", "040c 0101", "242e~2g0g 2121",  // g h i j
    "000c 6409 276c", "000a~0c2c", "040c 07~0424~44474c 47~4464~84878c", "040c 07~0434~64676c",  // k l m n
    "34~64~6c~0c~0434", "040g 06~1434~6468~6c3c~1c0a", "646g 66~5434~0408~0c3c~5c6a", "040c 07~043444",  // o p q r
    "65~5434~0406~0838~686a~6c3c~1c0b", "212a~2c4c 0444", "0409~0c3c~6c69 646c", "043c64",  // s t u v
    "042c456c84", "046c 640c", "043c 642f~1g0g", "04640c6c",  // w x y z
    "30~101215~1707~17191c~1e3e", "000e", "00~202225~2737~27292c~2e0e", "08~1637~5866",  // { | } ~
  ]
}

extension Character {
  /// The value of a base-36 digit, 0 to 35.
  fileprivate var base36Digit: Float? {
    guard isASCII, let value = Int(String(self), radix: 36) else { return nil }
    return Float(value)
  }
}
