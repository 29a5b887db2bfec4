import TestSupport
import Testing

@testable import Scenes

@Suite struct MaskCircleTests {
  /// The pixels whose centres lie within the radius, one by one.
  private func disc(_ circle: Circle, width: Int, height: Int) throws -> Mask {
    let (x, y, radius) = (Double(circle.x), Double(circle.y), Double(circle.radius))
    let pixels = (0..<height).flatMap { row in
      (0..<width).map { column -> UInt8 in
        let (dx, dy) = (Double(column) + 0.5 - x, Double(row) + 0.5 - y)
        return dx * dx + dy * dy <= radius * radius ? 1 : 0
      }
    }
    return try Mask(bitmap: pixels, bitmapWidth: width, x: 0, y: 0, width: width, height: height)
  }

  @Test func aCentreOnTheCircleIsInside() throws {
    let mask = try Mask(circle: Circle(x: 5.5, y: 5.5, radius: 5), width: 11, height: 11)
    #expect(
      mask.rows == [
        ".....#.....", "..#######..", ".#########.", ".#########.", ".#########.", "###########", ".#########.",
        ".#########.", ".#########.", "..#######..", ".....#.....",
      ])
    #expect(try Mask(circle: Circle(x: 1, y: 1, radius: 0.5), width: 2, height: 2).isEmpty)
    #expect(try Mask(circle: Circle(x: 0.5, y: 0.5, radius: 0.001), width: 2, height: 2).rows == ["#.", ".."])
  }

  @Test(arguments: [
    (12, 9), (1, 1), (1, 17), (17, 1), (2, 2), (33, 21),
  ]) func seededDiscsEqualTheDefinition(width: Int, height: Int) throws {
    var generator = SeededGenerator(seed: UInt64(width * 100 + height))
    for round in 0..<600 {
      var circle = Circle(
        x: .random(in: -8...Float(width + 8), using: &generator),
        y: .random(in: -8...Float(height + 8), using: &generator),
        radius: .random(in: 0.01...(round.isMultiple(of: 3) ? 1 : 20), using: &generator))
      if round.isMultiple(of: 2) {
        // Halves and quarters put centres of pixels on the circle.
        circle.x = (circle.x * 4).rounded() / 4
        circle.y = (circle.y * 4).rounded() / 4
        circle.radius = max((circle.radius * 4).rounded() / 4, 0.25)
      }
      let mask = try Mask(circle: circle, width: width, height: height)
      #expect(try mask == disc(circle, width: width, height: height), "\(circle)")
    }
  }

  @Test(arguments: [
    Circle(x: -5, y: 4, radius: 4), Circle(x: 20, y: 4, radius: 7), Circle(x: 5, y: -9, radius: 8.9),
    Circle(x: 5, y: 30, radius: 3), Circle(x: 3, y: 3, radius: 0.3), Circle(x: 1e30, y: 4, radius: 1e20),
    Circle(x: 4, y: .greatestFiniteMagnitude, radius: 1), Circle(x: 4, y: 4, radius: .leastNonzeroMagnitude),
  ]) func discsWithoutPixelsAreEmptyMasks(circle: Circle) throws {
    #expect(try Mask(circle: circle, width: 12, height: 9) == Mask(width: 12, height: 9, runs: [108]))
  }

  @Test func aCircleAroundThePictureFillsIt() throws {
    for radius in [20, 1e20, .greatestFiniteMagnitude] as [Float] {
      #expect(try Mask(circle: Circle(x: 6, y: 4, radius: radius), width: 12, height: 9).runs == [0, 108])
    }
  }

  @Test func aLargePictureCostsAsMuchAsTheColumnsOfTheDisc() throws {
    let mask = try Mask(circle: Circle(x: 40_000, y: 40_000, radius: 1), width: 46_340, height: 46_340)
    #expect(mask.boundingBox == Box(x1: 39_999, y1: 39_999, x2: 40_001, y2: 40_001))
    #expect(mask.area == 4)
  }

  @Test(arguments: [
    Circle(x: .nan, y: 1, radius: 1), Circle(x: 1, y: .infinity, radius: 1), Circle(x: 1, y: 1, radius: .nan),
    Circle(x: 1, y: 1, radius: .infinity), Circle(x: 1, y: 1, radius: 0), Circle(x: 1, y: 1, radius: -1),
  ]) func whatIsNoCircleIsRefused(circle: Circle) {
    #expect(
      throws: SceneError.invalidParameter(
        "a circle must have finite numbers and a radius above 0, got radius \(circle.radius) at (\(circle.x), "
          + "\(circle.y))")
    ) { try Mask(circle: circle, width: 2, height: 2) }
  }

  @Test(arguments: [(0, 1), (1, 0), (-1, 5), (Int.max, Int.max), (46_341, 46_341)])
  func impossibleSizesAreRefused(width: Int, height: Int) {
    #expect(throws: SceneError.self) {
      try Mask(circle: Circle(x: 1, y: 1, radius: 1), width: width, height: height)
    }
  }
}
