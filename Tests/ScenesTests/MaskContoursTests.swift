import TestSupport
import Testing

@testable import Scenes

@Suite struct MaskContoursTests {
  private func corners(_ numbers: Int...) -> [Mask.Corner] {
    stride(from: 0, to: numbers.count, by: 2).map { Mask.Corner(x: numbers[$0], y: numbers[$0 + 1]) }
  }

  @Test func nothingHasNoContours() throws {
    let contours = try Mask("...", "...").contours()
    #expect(contours.outlines.isEmpty && contours.holes.isEmpty && contours.joined.isEmpty)
  }

  @Test func aRectangleHasFourCornersClockwise() throws {
    let contours = try Mask("....", ".##.", ".##.", "....").contours()
    #expect(contours.outlines == [corners(1, 1, 3, 1, 3, 3, 1, 3)])
    #expect(contours.holes.isEmpty)
    #expect(contours.joined == contours.outlines[0])
    #expect(try Mask("##", "##").contours().outlines == [corners(0, 0, 2, 0, 2, 2, 0, 2)])
    #expect(try Mask("#").contours().outlines == [corners(0, 0, 1, 0, 1, 1, 0, 1)])
  }

  @Test func pixelsThatShareACornerArePartsOfTheirOwn() throws {
    #expect(
      try Mask("#.", ".#").contours().outlines == [corners(0, 0, 1, 0, 1, 1, 0, 1), corners(1, 1, 2, 1, 2, 2, 1, 2)])
    #expect(
      try Mask(".#", "#.").contours().outlines == [corners(0, 1, 1, 1, 1, 2, 0, 2), corners(1, 0, 2, 0, 2, 1, 1, 1)])
  }

  @Test func holesAreReportedApart() throws {
    let contours = try Mask("###", "#.#", "###").contours()
    #expect(contours.outlines == [corners(0, 0, 3, 0, 3, 3, 0, 3)])
    #expect(contours.holes == [corners(1, 2, 2, 2, 2, 1, 1, 1)])
  }

  @Test func holesThatTouchAtACornerAreOne() throws {
    let contours = try Mask("####", "#.##", "##.#", "####").contours()
    #expect(contours.outlines.count == 1)
    #expect(contours.holes == [corners(1, 2, 2, 2, 2, 3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1)])
  }

  @Test func aGapAtACornerOpensTheRing() throws {
    let contours = try Mask(".##", "#.#", "###").contours()
    #expect(contours.outlines == [corners(0, 1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 1, 0, 3, 0, 3, 3, 0, 3)])
    #expect(contours.holes.isEmpty)
  }

  @Test func aPartInAHoleHasItsOwnOutline() throws {
    let contours = try Mask("#####", "#...#", "#.#.#", "#...#", "#####").contours()
    #expect(contours.outlines == [corners(0, 0, 5, 0, 5, 5, 0, 5), corners(2, 2, 3, 2, 3, 3, 2, 3)])
    #expect(contours.holes == [corners(1, 4, 4, 4, 4, 1, 1, 1)])
  }

  @Test func contoursJoinByBridgesOfNoWidth() throws {
    let contours = try Mask("#.##", "..##").contours()
    #expect(
      contours.joined == corners(0, 0, 1, 0, 2, 0, 4, 0, 4, 2, 2, 2, 2, 0, 1, 0, 1, 1, 0, 1))
    let ring = try Mask("###", "#.#", "###").contours()
    #expect(ring.joined.count == 10)
  }

  @Test func aCheckerboardIsAllParts() throws {
    let rows = (0..<9).map { y in String((0..<9).map { ($0 + y).isMultiple(of: 2) ? "#" : "." }) }
    let pixels = rows.joined().utf8.map { UInt8($0 == UInt8(ascii: "#") ? 1 : 0) }
    let mask = try Mask(bitmap: pixels, bitmapWidth: 9, x: 0, y: 0, width: 9, height: 9)
    #expect(mask.contours().outlines.count == 41)
    #expect(mask.contours().holes.isEmpty)
  }
}
