import TestSupport
import Testing

@testable import Scenes

@Suite struct MaskTests {
  @Test func runsGoDownTheColumns() throws {
    let mask = try Mask(".#", "##")
    #expect(mask.runs == [1, 3])
    #expect(try Mask("#.", "..").runs == [0, 1, 3])
    #expect(try Mask("..", "..").runs == [4])
    #expect(try Mask("##", "##").runs == [0, 4])
  }

  @Test func runsOfNoLengthAreMergedAway() throws {
    let mask = try Mask(width: 3, height: 2, runs: [0, 0, 1, 2, 0, 1, 0, 0, 2, 0, 0])
    #expect(mask.runs == [1, 3, 2])
    #expect(try mask == Mask(width: 3, height: 2, runs: [1, 3, 2]))
    #expect(try Mask(width: 1, height: 1, runs: [0, 0, 0, 0, 0, 1]).runs == [0, 1])
    #expect(try Mask(width: 1, height: 1, runs: [1, 0]).runs == [1])
  }

  @Test func runsThatDoNotAddUpAreRefused() {
    #expect(throws: SceneError.invalidShape("the runs of a 2x2 mask must add up to 4 pixels, got 3")) {
      try Mask(width: 2, height: 2, runs: [1, 2])
    }
    #expect(throws: SceneError.invalidShape("the runs of a 2x2 mask must add up to 4 pixels, got 0")) {
      try Mask(width: 2, height: 2, runs: [])
    }
    #expect(throws: SceneError.invalidShape("the runs of a 2x2 mask must add up to 4 pixels, got more at run 1")) {
      try Mask(width: 2, height: 2, runs: [1, .max, .max])
    }
  }

  @Test(arguments: [(0, 1), (1, 0), (-1, 5), (Int.max, Int.max), (1 << 24, 1 << 24), (46_341, 46_341)])
  func impossibleSizesAreRefused(width: Int, height: Int) {
    #expect(throws: SceneError.self) { try Mask(width: width, height: height, runs: [0]) }
    #expect(throws: SceneError.self) {
      try Mask(bitmap: [], bitmapWidth: 0, x: 0, y: 0, width: width, height: height)
    }
  }

  @Test func aLargePictureCostsAsMuchAsItsBitmap() throws {
    let mask = try Mask(bitmap: [1], bitmapWidth: 1, x: 46_339, y: 46_339, width: 46_340, height: 46_340)
    #expect(mask.runs == [2_147_395_599, 1])
    #expect(mask.boundingBox == Box(x1: 46_339, y1: 46_339, x2: 46_340, y2: 46_340))
    #expect(mask.contours().outlines.count == 1)
  }

  @Test func bitmapsLieWhereTheyArePut() throws {
    let mask = try Mask(bitmap: [1, 0, 2, 255], bitmapWidth: 2, x: 1, y: 2, width: 4, height: 5)
    #expect(mask.rows == ["....", "....", ".#..", ".##.", "...."])
    #expect(try Mask(bitmap: [], bitmapWidth: 0, x: 4, y: 5, width: 4, height: 5).isEmpty)
    #expect(try Mask(bitmap: [], bitmapWidth: 3, x: 0, y: 5, width: 4, height: 5).isEmpty)
  }

  /// Words of eight columns, and what is left of them.
  @Test(arguments: 1...26) func everyWidthIsReadWhole(width: Int) throws {
    var generator = SeededGenerator(seed: UInt64(width))
    let pixels = (0..<width * 9).map { _ in UInt8.random(in: 0...3, using: &generator) / 2 * 100 }
    let mask = try Mask(bitmap: pixels, bitmapWidth: width, x: 2, y: 1, width: width + 3, height: 11)
    for y in 0..<11 {
      for x in 0..<width + 3 {
        let isInBitmap = (2..<width + 2).contains(x) && (1..<10).contains(y)
        #expect(mask.contains(x: x, y: y) == (isInBitmap && pixels[(y - 1) * width + x - 2] != 0), "(\(x), \(y))")
      }
    }
  }

  @Test(arguments: [
    (count: 4, bitmapWidth: 2, x: 3, y: 0), (4, 2, 0, 4), (4, 2, -1, 0), (4, 2, 0, -1), (4, 2, .max, .max),
    (4, 2, .min, .min), (4, 3, 0, 0), (4, 0, 0, 0), (4, -2, 0, 0), (0, -1, 0, 0), (0, 5, 0, 0), (4, .max, 0, 0),
    (5, 5, 0, 0), (6, 1, 0, 0), (0, 0, 5, 0),
  ])
  func bitmapsThatDoNotFitAreRefused(count: Int, bitmapWidth: Int, x: Int, y: Int) {
    #expect(throws: SceneError.self) {
      try Mask(
        bitmap: Array(repeating: 1, count: count), bitmapWidth: bitmapWidth, x: x, y: y, width: 4, height: 5)
    }
  }

  @Test func whatLiesOutsideThePictureIsNotInside() throws {
    let mask = try Mask("##", "##")
    #expect(mask.contains(x: 1, y: 1))
    for (x, y) in [(-1, 0), (0, -1), (2, 0), (0, 2), (.max, .max), (.min, .min)] {
      #expect(!mask.contains(x: x, y: y))
    }
  }

  @Test func theBoxIsTight() throws {
    #expect(try Mask("....", ".#..", "..#.").boundingBox == Box(x1: 1, y1: 1, x2: 3, y2: 3))
    #expect(try Mask("....", "....").boundingBox == nil)
    // One run over two columns touches their ends only.
    let wrapped = try Mask("...", ".#.", "#..", "...")
    #expect(wrapped.boundingBox == Box(x1: 0, y1: 1, x2: 2, y2: 3))
    #expect(try Mask("..#", "#..").boundingBox == Box(x1: 0, y1: 0, x2: 3, y2: 2))
    #expect(try Mask(".#", "#.").runs == [1, 2, 1])
    #expect(try Mask(".#", "#.").boundingBox == Box(x1: 0, y1: 0, x2: 2, y2: 2))
  }

  @Test func spansEndWithTheirColumn() throws {
    let spans = try Mask(".##", "##.", "#.#").spans.map { [$0.x, $0.rows.lowerBound, $0.rows.upperBound] }
    #expect(spans == [[0, 1, 3], [1, 0, 2], [2, 0, 1], [2, 2, 3]])
    #expect(try Mask("..", "..").spans.map(\.x).isEmpty)
    #expect(try Mask("##", "##").spans.map(\.rows) == [0..<2, 0..<2])
  }

  @Test func overlapCountsPixels() throws {
    let left = try Mask("##..", "##..")
    let middle = try Mask(".##.", ".##.")
    let nothing = try Mask("....", "....")
    #expect(try left.intersectionArea(with: middle) == 2)
    #expect(try left.iou(with: middle) == 2.0 / 6)
    #expect(try left.iou(with: left) == 1)
    #expect(try left.iou(with: Mask("..##", "..##")) == 0)
    #expect(try left.iou(with: nothing) == 0)
    #expect(try nothing.iou(with: nothing) == 0)
    #expect(throws: SceneError.invalidShape("two masks must have the same size, got 4x2 and 2x4")) {
      try left.iou(with: Mask("##", "##", "##", "##"))
    }
  }

  @Test func overlapOfNoiseEqualsCounting() throws {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<50 {
      let (width, height) = (Int.random(in: 1...9, using: &generator), Int.random(in: 1...9, using: &generator))
      let pixels = (0..<2).map { _ in (0..<width * height).map { _ in UInt8.random(in: 0...1, using: &generator) } }
      let masks = try pixels.map {
        try Mask(bitmap: $0, bitmapWidth: width, x: 0, y: 0, width: width, height: height)
      }
      let both = zip(pixels[0], pixels[1]).filter { $0 == 1 && $1 == 1 }.count
      #expect(try masks[0].intersectionArea(with: masks[1]) == both)
    }
  }

  @Test func detectionsHaveNoMaskUnlessGiven() throws {
    let box = Box(x1: 0, y1: 0, x2: 1, y2: 1)
    let plain = Detection(box: box, score: 1, classID: 0, label: "a")
    #expect(plain.mask == nil)
    #expect(try Detection(box: box, score: 1, classID: 0, label: "a", mask: Mask("#")) != plain)
  }

  @Test func unions() throws {
    let masks = try [
      Mask("#..", "...", "..#"), Mask("###", "###", "###"), Mask("...", "...", "..."), Mask(".#.", "##.", "..."),
      Mask("..#", "..#", "..#"),
    ]
    for a in masks {
      for b in masks {
        let union = try a.union(b)
        let rows = zip(a.rows, b.rows).map { String(zip($0, $1).map { $0 == "#" ? $0 : $1 }) }
        #expect(union.rows == rows)
        #expect(try union == Mask(width: 3, height: 3, runs: union.runs))
      }
    }
    #expect(
      throws: SceneError.invalidShape("two masks must have the same size, got 1x2 and 2x1")
    ) { try Mask("#", "#").union(Mask("##")) }
  }
}
