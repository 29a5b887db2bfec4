import TestSupport
import Testing

@testable import Drawing

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

  @Test func marksAboveCapitalsAreDrawn() {
    let rows = red(width: 5, height: 19) {
      $0.write("\u{130}", x: 2.5, y: 5.5, unit: 1, with: .white, inside: $0.bounds)
    }
    #expect(rows[1] == [0, 0, 96, 0, 0])
    #expect(rows[2] == [0, 96, 255, 96, 0])
    #expect(rows[3] == rows[1])
    #expect(rows[5] == [0, 96, 255, 96, 0])
  }

  @Test func aRingHasTheLinesThicknessAndSoftEdges() {
    // Distances from the centre along the row: 0, 1, 2, 3; the line reaches from 1.5 to 2.5.
    let rows = red(width: 7, height: 7) {
      $0.ring(Circle(x: 3.5, y: 3.5, radius: 2), thickness: 1, with: .white)
    }
    #expect(rows[3] == [0, 255, 0, 0, 0, 255, 0])
    #expect((0..<7).map { rows[$0][3] } == rows[3])
    // A pixel off by (1, 2) lies 0.236 beyond the circle, one off by (1, 1) 0.586 within, one off by (2, 2) 0.828 beyond.
    #expect(rows[1] == [0, 44, 195, 255, 195, 44, 0])
    #expect(rows[2] == [0, 195, 106, 0, 106, 195, 0])
  }

  @Test func aThickRingEqualsItsDefinition() {
    for (x, y, radius, thickness) in [
      (10.3, 8.6, 6.2, 3), (2, 3, 5, 2), (-4, 9, 9.5, 4), (8, 8, 0.3, 2), (8.5, 8.5, 1, 9), (20, 17, 4, 1),
    ] as [(Float, Float, Float, Int)] {
      let rows = red(width: 20, height: 17) {
        $0.ring(Circle(x: x, y: y, radius: radius), thickness: thickness, with: .white)
      }
      for row in 0..<17 {
        for column in 0..<20 {
          let (dx, dy) = (Double(column) + 0.5 - Double(x), Double(row) + 0.5 - Double(y))
          let distance = abs((dx * dx + dy * dy).squareRoot() - Double(radius))
          let coverage = min(max(Double(thickness) / 2 + 0.5 - distance, 0), 1)
          #expect(
            abs(Double(rows[row][column]) - 255 * coverage) <= Tolerance.Files.ring,
            "(\(column), \(row)) of \(x), \(y), \(radius)")
        }
      }
    }
  }

  @Test func everyRingAroundThePictureIsSafe() {
    let numbers: [Float] = [-.greatestFiniteMagnitude, -1e9, -3, 0.25, 2, 1e9, .greatestFiniteMagnitude]
    for x in numbers {
      for y in numbers {
        for radius in [.leastNonzeroMagnitude, 0.5, 3, 1e9, .greatestFiniteMagnitude] as [Float] {
          _ = red(width: 4, height: 3) {
            $0.ring(Circle(x: x, y: y, radius: radius), thickness: 2, with: .white)
          }
        }
      }
    }
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
