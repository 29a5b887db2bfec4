import TestSupport
import Testing

@testable import Scenes

@Suite struct CoordinateMapTests {
  /// Maps of every kind: a letterbox, a resized copy, a JPEG picture at a quarter, a cut.
  private static let maps: [CoordinateMap] = [
    CoordinateMap(width: 810, height: 1080, divisor: .init(x: 0.59259, y: 0.59259), offset: .init(x: 16.5, y: 0)),
    .resized(from: (641, 333), to: (1333, 693)), .resized(from: (4032, 3024), to: (1000, 750)),
    CoordinateMap(width: 641, height: 333, multiplier: .init(x: 4, y: 4)),
    .cut(x: 300, y: 17, ofWidth: 641, height: 333), .identity(width: 641, height: 333),
  ]

  private func boxes(_ count: Int = 2000, _ range: ClosedRange<Float> = -50...1500) -> [Box] {
    var generator = SeededGenerator(seed: 3)
    return (0..<count).map { _ in
      let edges = generator.floats(4, in: range)
      return Box(
        x1: min(edges[0], edges[1]), y1: min(edges[2], edges[3]), x2: max(edges[0], edges[1]),
        y2: max(edges[2], edges[3]))
    }
  }

  @Test(arguments: maps) func thereAndBackIsTheSameBox(map: CoordinateMap) {
    for box in boxes() {
      let back = map.unclippedInverse(map(box))
      for (a, b) in [(back.x1, box.x1), (back.y1, box.y1), (back.x2, box.x2), (back.y2, box.y2)] {
        #expect(abs(a - b) <= Tolerance.Files.coordinateMap, "\(box) comes back as \(back)")
      }
    }
  }

  @Test(arguments: maps) func whatComesBackLiesInsideThePicture(map: CoordinateMap) {
    for box in boxes() {
      let back = map.inverse(box)
      #expect(back == map.unclippedInverse(box).clipped(width: Float(map.width), height: Float(map.height)))
      #expect(back.x1 >= 0 && back.y1 >= 0 && back.x2 <= Float(map.width) && back.y2 <= Float(map.height))
    }
  }

  /// `scale_boxes` of YOLOv5 subtracts the padding and divides by the gain: to the bit.
  @Test func aLetterboxIsTheRepositorysFormula() {
    let (gain, x, y): (Float, Float, Float) = (0.59259, 16.5, 3.25)
    let map = CoordinateMap(
      width: 810, height: 1080, divisor: .init(x: gain, y: gain), offset: .init(x: x, y: y))
    for box in boxes() {
      let expected = Box(
        x1: (box.x1 - x) / gain, y1: (box.y1 - y) / gain, x2: (box.x2 - x) / gain, y2: (box.y2 - y) / gain
      ).clipped(width: 810, height: 1080)
      #expect(map.inverse(box) == expected)
    }
  }

  /// torchvision's `resize_boxes` multiplies by the quotient of the sides: to the bit.
  @Test func aResizedCopyIsTorchvisionsFormula() {
    let map = CoordinateMap.resized(from: (641, 333), to: (1333, 693))
    let (x, y) = (Float(641) / Float(1333), Float(333) / Float(693))
    for box in boxes() {
      #expect(map.unclippedInverse(box) == Box(x1: box.x1 * x, y1: box.y1 * y, x2: box.x2 * x, y2: box.y2 * y))
    }
  }

  @Test func aReducedPictureMultipliesByTheDivisor() {
    let map = CoordinateMap(width: 641, height: 333, multiplier: .init(x: 4, y: 4))
    for box in boxes() {
      let expected = Box(x1: box.x1 * 4, y1: box.y1 * 4, x2: box.x2 * 4, y2: box.y2 * 4)
      #expect(map.inverse(box) == expected.clipped(width: 641, height: 333))
    }
  }

  @Test func aCutMovesAndClips() {
    let map = CoordinateMap.cut(x: 300, y: 17, ofWidth: 641, height: 333)
    #expect(map(Box(x1: 310, y1: 20, x2: 320.5, y2: 40)) == Box(x1: 10, y1: 3, x2: 20.5, y2: 23))
    #expect(map.inverse(Box(x1: 10, y1: 3, x2: 20.5, y2: 23)) == Box(x1: 310, y1: 20, x2: 320.5, y2: 40))
    #expect(map.inverse(Box(x1: -400, y1: -20, x2: 400, y2: 400)) == Box(x1: 0, y1: 0, x2: 641, y2: 333))
    #expect(map.isTranslation && !map.isIdentity)
  }

  @Test func whatAMapIsIsTold() {
    #expect(CoordinateMap.identity(width: 3, height: 2).isIdentity)
    #expect(CoordinateMap.cut(x: 0, y: 0, ofWidth: 3, height: 2).isIdentity)
    let larger = CoordinateMap.resized(from: (3, 2), to: (6, 4))
    #expect(!larger.isTranslation && !larger.isIdentity)
    #expect(CoordinateMap.resized(from: (3, 2), to: (3, 2)).isIdentity)
    // Equal factors on both sides of the fraction scale nothing.
    let same = CoordinateMap(width: 3, height: 2, multiplier: .init(x: 7, y: 5), divisor: .init(x: 7, y: 5))
    #expect(same.isIdentity)
  }

  @Test func aCirclesRadiusGrowsByTheGeometricMean() {
    let map = CoordinateMap.resized(from: (400, 900), to: (100, 100))
    #expect(map.inverse(Circle(x: 10, y: 20, radius: 3)) == Circle(x: 40, y: 180, radius: 18))
    let moved = CoordinateMap.cut(x: 5, y: 7, ofWidth: 100, height: 100)
    // Beyond the picture: circles keep their centre and radius.
    #expect(moved.inverse(Circle(x: 99, y: -10, radius: 3)) == Circle(x: 104, y: -3, radius: 3))
  }

  private let mask: Mask

  init() throws { mask = try Mask("##.", ".#.", "..#") }

  @Test func aMaskOfACutMovesIntoThePicture() throws {
    let map = CoordinateMap.cut(x: 2, y: 1, ofWidth: 6, height: 5)
    #expect(
      try map.inverse(mask) == Mask("......", "..##..", "...#..", "....#.", "......"))
    #expect(
      try CoordinateMap.cut(x: 0, y: 0, ofWidth: 3, height: 3).inverse(mask) == mask)
  }

  @Test(arguments: [
    (-1, 0, ["#...", "#...", ".#..", "...."]), (0, -1, [".#..", "..#.", "....", "...."]),
    (2, 0, ["..##", "...#", "....", "...."]), (0, 2, ["....", "....", "##..", ".#.."]),
    (3, 3, ["....", "....", "....", "...#"]), (-2, -2, ["#...", "....", "....", "...."]),
    (4, 0, ["....", "....", "....", "...."]), (0, 4, ["....", "....", "....", "...."]),
    (-3, 0, ["....", "....", "....", "...."]), (0, -3, ["....", "....", "....", "...."]),
  ])
  func aMaskIsCutAtTheBorders(x: Int, y: Int, rows: [String]) throws {
    let map = CoordinateMap.cut(x: x, y: y, ofWidth: 4, height: 4)
    #expect(try map.inverse(mask).rows == rows)
    #expect(try mask.moved(x: x, y: y, width: 4, height: 4).rows == rows)
  }

  @Test func aMovedMaskIsTheMovedBitmap() throws {
    var generator = SeededGenerator(seed: 8)
    for _ in 0..<300 {
      let (width, height) = (Int.random(in: 1...9, using: &generator), Int.random(in: 1...9, using: &generator))
      let pixels = (0..<width * height).map { _ in UInt8.random(in: 0...1, using: &generator) }
      let mask = try Mask(bitmap: pixels, bitmapWidth: width, x: 0, y: 0, width: width, height: height)
      let (x, y) = (Int.random(in: -10...10, using: &generator), Int.random(in: -10...10, using: &generator))
      let size = (width: Int.random(in: 1...9, using: &generator), height: Int.random(in: 1...9, using: &generator))
      let moved = try mask.moved(x: x, y: y, width: size.width, height: size.height)
      let expected = (0..<size.height).flatMap { row in
        (0..<size.width).map { UInt8(mask.contains(x: $0 - x, y: row - y) ? 1 : 0) }
      }
      #expect(
        try moved == Mask(bitmap: expected, bitmapWidth: size.width, x: 0, y: 0, width: size.width, height: size.height)
      )
    }
  }

  @Test(arguments: [Int.max, Int.min, 1 << 24, -(1 << 24), 1 << 40])
  func aMaskMovedOutOfEverythingIsEmpty(distance: Int) throws {
    #expect(try mask.moved(x: distance, y: 0, width: 3, height: 3).isEmpty)
    #expect(try mask.moved(x: 0, y: distance, width: 3, height: 3).isEmpty)
  }

  @Test func aMaskOfACopyHasNoInverse() throws {
    for (map, place) in [
      (CoordinateMap.resized(from: (6, 6), to: (3, 3)), "6x6"),
      (CoordinateMap(width: 6, height: 5, offset: .init(x: 0.5, y: 0)), "6x5"),
      (CoordinateMap(width: 6, height: 5, offset: .init(x: 0, y: -1.25)), "6x5"),
      (CoordinateMap(width: 6, height: 5, offset: .init(x: .nan, y: 0)), "6x5"),
      (CoordinateMap(width: 6, height: 5, offset: .init(x: .infinity, y: 0)), "6x5"),
      (CoordinateMap(width: 6, height: 5, offset: .init(x: 1e30, y: 0)), "6x5"),
      (CoordinateMap(width: 6, height: 5, multiplier: .init(x: 1, y: 2)), "6x5"),
    ] {
      let sentence = "a mask of 3x3 pixels can be mapped to \(place) pixels only by a move of whole pixels"
      #expect(throws: SceneError.invalidShape(sentence)) { try map.inverse(mask) }
    }
    #expect(throws: SceneError.invalidShape("a mask must have at most 2147483647 pixels, got 65536x32768")) {
      try CoordinateMap.cut(x: 1, y: 1, ofWidth: 1 << 16, height: 1 << 15).inverse(mask)
    }
  }

  @Test func aDetectionComesBackWithAllThatItHas() throws {
    let map = CoordinateMap.cut(x: 2, y: 1, ofWidth: 4, height: 4)
    let found = Detection(
      box: Box(x1: 0, y1: 0, x2: 3, y2: 3), score: 0.5, classID: 3, label: "cat", mask: mask,
      circle: Circle(x: 1, y: 1, radius: 1))
    let back = try map.inverse(found)
    #expect(back.box == Box(x1: 2, y1: 1, x2: 4, y2: 4))
    #expect(back.circle == Circle(x: 3, y: 2, radius: 1))
    #expect(back.mask?.rows == ["....", "..##", "...#", "...."])
    #expect(back.score == 0.5 && back.classID == 3 && back.label == "cat")
  }

  @Test func aDetectionsMaskGetsTheSizeOfThePicture() throws {
    let found = Detection(box: Box(x1: 0, y1: 0, x2: 3, y2: 3), score: 1, classID: 0, label: "cat", mask: mask)
    let whole = CoordinateMap.identity(width: 3, height: 3)
    #expect(try whole.inverse(found) == found)
    #expect(try CoordinateMap.identity(width: 4, height: 2).inverse(found).mask?.rows == ["##..", ".#.."])
    var plain = found
    plain.mask = nil
    let half = CoordinateMap.resized(from: (6, 6), to: (3, 3))
    #expect(try half.inverse(plain).box == Box(x1: 0, y1: 0, x2: 6, y2: 6))
    #expect(throws: SceneError.self) { try half.inverse(found) }
  }
}
