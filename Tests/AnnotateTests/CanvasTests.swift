import Testing

@testable import Annotate

@Suite struct CanvasTests {
  /// The red samples after drawing on black, a row a line.
  private func red(width: Int, height: Int, _ draw: (Canvas) -> Void) -> [[UInt8]] {
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    pixels.withUnsafeMutableBufferPointer { draw(Canvas(pixels: $0, width: width, height: height)) }
    return (0..<height).map { y in (0..<width).map { x in pixels[(y * width + x) * 3] } }
  }

  @Test func fillsAreClipped() {
    let rows = red(width: 3, height: 2) {
      $0.fill(PixelRectangle(left: -5, top: 1, right: 2, bottom: 9), with: .white)
      $0.fill(PixelRectangle(left: 3, top: 0, right: 9, bottom: 1), with: .white)
      $0.fill(PixelRectangle(left: 1, top: 0, right: 0, bottom: 2), with: .white)
      $0.fill(PixelRectangle(left: -9, top: -9, right: -2, bottom: -2), with: .white)
    }
    #expect(rows == [[0, 0, 0], [255, 255, 0]])
  }

  @Test func aStrokeIsSharpInItsMiddleAndSoftAtItsEdge() {
    // The pen is 1.75 wide: of the neighbours of a stroke through pixel centres 0.875 + 0.5 - 1 is covered.
    let rows = red(width: 5, height: 15) {
      $0.write("I", x: 2.5, y: 1.5, unit: 1, with: .white, inside: $0.bounds)
    }
    #expect(rows[7] == [0, 96, 255, 96, 0])
    #expect(rows[1] == rows[7])
    #expect(rows[13] == rows[7])
    #expect(rows[0] == [0, 0, 96, 0, 0])
    #expect(rows[14] == rows[0])
  }

  @Test func textStaysInsideItsClip() {
    let clip = PixelRectangle(left: 2, top: 3, right: 6, bottom: 7)
    let rows = red(width: 9, height: 9) { $0.write("MMM", x: -3, y: 0, unit: 1, with: .white, inside: clip) }
    for (y, row) in rows.enumerated() {
      for (x, sample) in row.enumerated() where sample > 0 { #expect((3..<7).contains(y) && (2..<6).contains(x)) }
    }
    #expect(rows.joined().contains { $0 > 0 })
  }

  @Test func everyPositionAroundThePictureIsSafe() {
    for position in stride(from: Float(-30), through: 30, by: 3.5) {
      _ = red(width: 4, height: 4) {
        $0.write("gQ@", x: position, y: position / 2, unit: 0.75, with: .white, inside: $0.bounds)
      }
    }
  }
}
