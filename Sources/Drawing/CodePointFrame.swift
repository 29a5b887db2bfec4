/// The sign for a character that the font lacks: a frame with the four or six hexadecimal digits of its code point, in
/// two rows. Its lines lie on whole pixels, so that small digits stay sharp.
///
/// It is a grid of cells: one cell of frame, one of space, then digits of 3×5 cells, one cell apart.
struct CodePointFrame {
  let scalar: Unicode.Scalar

  private static let rows = 15
  private var columns: Int { 4 * digitsPerRow + 3 }
  private var digitsPerRow: Int { scalar.value > 0xFFFF ? 3 : 2 }

  /// The side of a cell in units of `StrokeFont`, so that the frame is slightly lower than a plate.
  private static let cell: Float = 1.3

  /// The distance from the frame's left edge to the next glyph's origin.
  var advance: Float { Float(columns) * Self.cell + StrokeFont.spacing }

  /// The first pixel of a cell.
  private static func position(_ cell: Int, _ unit: Float) -> Int { Int((Float(cell) * Self.cell * unit).rounded()) }

  /// The rectangles of the frame and digits.
  ///
  /// - Parameters:
  ///   - x: The frame's left edge, before it is rounded to whole pixels.
  ///   - y: The top of capitals, at the middle of the pen.
  ///   - unit: Pixels per unit of `StrokeFont`.
  func rectangles(x: Float, y: Float, unit: Float) -> [PixelRectangle] {
    let line = max(Int(unit * 4 / 3), 1)
    let (right, bottom) = (Self.position(columns - 1, unit) + line, Self.position(Self.rows - 1, unit) + line)
    let left = Int((x + ((advance - StrokeFont.spacing) * unit - Float(right)) / 2).rounded())
    let top = Int((y + (StrokeFont.capHeight * unit - Float(bottom)) / 2).rounded())
    var rectangles = [
      PixelRectangle(left: 0, top: 0, right: right, bottom: line),
      PixelRectangle(left: 0, top: bottom - line, right: right, bottom: bottom),
      PixelRectangle(left: 0, top: line, right: line, bottom: bottom - line),
      PixelRectangle(left: right - line, top: line, right: right, bottom: bottom - line),
    ]
    let count = 2 * digitsPerRow
    for index in 0..<count {
      let (row, column) = index.quotientAndRemainder(dividingBy: digitsPerRow)
      let digit = Int(scalar.value >> UInt32(4 * (count - 1 - index))) & 0xF
      rectangles += Self.lines(digit, line: line, unit: unit).map {
        $0.moved(right: Self.position(2 + 4 * column, unit), down: Self.position(2 + 6 * row, unit))
      }
    }
    return rectangles.map { $0.moved(right: left, down: top) }
  }

  /// The lines of a digit. Each of its cells is joined with those to the right and below.
  private static func lines(_ digit: Int, line: Int, unit: Float) -> [PixelRectangle] {
    func isSet(_ x: Int, _ y: Int) -> Bool { x < 3 && y < 5 && digits[digit] >> (14 - 3 * y - x) & 1 == 1 }
    var lines: [PixelRectangle] = []
    for y in 0..<5 {
      for x in 0..<3 where isSet(x, y) {
        let (left, top) = (Self.position(x, unit), Self.position(y, unit))
        let right = Self.position(isSet(x + 1, y) ? x + 1 : x, unit) + line
        let bottom = Self.position(isSet(x, y + 1) ? y + 1 : y, unit) + line
        lines.append(PixelRectangle(left: left, top: top, right: right, bottom: top + line))
        lines.append(PixelRectangle(left: left, top: top, right: left + line, bottom: bottom))
      }
    }
    return lines
  }

  /// The digits 0 to F, with b and d in lower case: five rows of three cells, none of them joined only at a corner.
  private static let digits = [
    0b111_101_101_101_111, 0b010_110_010_010_111, 0b111_001_111_100_111, 0b111_001_011_001_111,
    0b101_101_111_001_001, 0b111_100_111_001_111, 0b111_100_111_101_111, 0b111_001_001_001_001,
    0b111_101_111_101_111, 0b111_101_111_001_111, 0b111_101_111_101_101, 0b100_100_111_101_111,
    0b111_100_100_100_111, 0b001_001_111_101_111, 0b111_100_110_100_111, 0b111_100_110_100_100,
  ]
}
