import Testing

@testable import Drawing

@Suite struct CodePointFrameTests {
  /// A row of characters a row of pixels.
  private func drawn(_ text: String, width: Int, height: Int, x: Float, y: Float, unit: Float) -> [String] {
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    pixels.withUnsafeMutableBufferPointer {
      let canvas = Canvas(pixels: $0, width: width, height: height)
      canvas.write(text, x: x, y: y, unit: unit, with: .white, inside: canvas.bounds)
    }
    return (0..<height).map { y in
      String((0..<width).map { x in pixels[(y * width + x) * 3] > 0 ? "#" : "." })
    }
  }

  @Test func fourDigitsStandInTwoRows() {
    #expect(
      drawn("\u{4E5A}", width: 13, height: 17, x: 1, y: 4, unit: 0.75) == [
        ".............", ".###########.", ".#.........#.", ".#.#.#.###.#.", ".#.#.#.#...#.", ".#.###.##..#.",
        ".#...#.#...#.", ".#...#.###.#.", ".#.........#.", ".#.###.###.#.", ".#.#...#.#.#.", ".#.###.###.#.",
        ".#...#.#.#.#.", ".#.###.#.#.#.", ".#.........#.", ".###########.", ".............",
      ])
  }

  @Test func sixDigitsStandInTwoRows() {
    let rows = drawn("🚗", width: 17, height: 17, x: 1, y: 4, unit: 0.75)
    #expect(rows[3] == ".#.###..#..###.#.")
    #expect(rows[13] == ".#.###.###...#.#.")
  }

  @Test func everyDigitIsItsOwn() {
    let shapes = (0..<16).compactMap { Unicode.Scalar(0x4E00 + $0) }.map {
      drawn(String(Character($0)), width: 40, height: 40, x: 2, y: 8, unit: 1.25)
    }
    #expect(Set(shapes).count == 16)
  }

  @Test func framesFitIntoPlates() {
    for side in stride(from: 100, through: 9000, by: 100) {
      let style = Plate.Style(imageWidth: side, imageHeight: side)
      let y = ((StrokeFont.ascent + 1) * style.unit).rounded() + 0.5
      for scalar in ["人", "🚗"] as [Unicode.Scalar] {
        let frame = CodePointFrame(scalar: scalar)
        for x in [10, 10.25, 10.5, 10.75] as [Float] {
          for rectangle in frame.rectangles(x: x, y: y, unit: style.unit) {
            #expect(rectangle.top >= 1 && rectangle.bottom < style.height, "\(side)")
            #expect(Float(rectangle.left) >= x - 1)
            #expect(Float(rectangle.right) <= x + (frame.advance - 2) * style.unit, "\(side)")
          }
        }
      }
    }
  }

  @Test func framesStayInsideTheirClip() {
    var pixels = [UInt8](repeating: 0, count: 20 * 20 * 3)
    pixels.withUnsafeMutableBufferPointer {
      let canvas = Canvas(pixels: $0, width: 20, height: 20)
      let clip = PixelRectangle(left: 5, top: 6, right: 12, bottom: 13)
      canvas.write("人人", x: 1, y: 3, unit: 1, with: .white, inside: clip)
    }
    for y in 0..<20 {
      for x in 0..<20 where pixels[(y * 20 + x) * 3] > 0 { #expect((5..<12).contains(x) && (6..<13).contains(y)) }
    }
    #expect(pixels.contains(255))
  }
}
