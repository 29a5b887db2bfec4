import Circles
import Tensor
import TestSupport
import Testing

@Suite struct HoughCirclesTests {
  /// A blurred disc of 200 on 50 whose centre and radius are given in continuous pixels.
  private func disc(_ width: Int, _ height: Int, x: Double, y: Double, radius: Double) throws -> GrayImage {
    let pixels = (0..<width * height).map { index -> UInt8 in
      let (dx, dy) = (Double(index % width) + 0.5 - x, Double(index / width) + 0.5 - y)
      return dx * dx + dy * dy <= radius * radius ? 200 : 50
    }
    let image = try GrayImage(width: width, height: height, pixels: pixels)
    return try GaussianBlur(size: 9, sigma: 2)(image, engine: Engine())
  }

  /// Centres in continuous coordinates: a disc around the corner of four pixels, and one around the middle of one.
  @Test(arguments: [(60.0, 50.0), (60.5, 50.5), (71.5, 44)])
  func oneDisc(_ x: Double, _ y: Double) throws {
    let image = try disc(130, 100, x: x, y: y, radius: 25)
    let circles = try HoughCircles()(image, engine: Engine())
    let found = try #require(circles.first)
    #expect(circles.count == 1)
    #expect(abs(found.circle.x - Float(x)) <= Tolerance.Circles.centre)
    #expect(abs(found.circle.y - Float(y)) <= Tolerance.Circles.centre)
    #expect(abs(found.circle.radius - 25) <= Tolerance.Circles.radius)
    #expect(found.score > 0.9)
  }

  /// Half of a disc scores about half of a whole one.
  @Test func halfADisc() throws {
    let whole = try HoughCircles()(disc(130, 100, x: 60, y: 50, radius: 30), engine: Engine())
    let half = try HoughCircles(votes: 15)(disc(130, 100, x: 2.5, y: 50, radius: 30), engine: Engine())
    let (first, second) = try (#require(whole.first), #require(half.first))
    #expect(abs(second.score / first.score - 0.5) <= Tolerance.Circles.halfScore)
    #expect(abs(second.circle.x - 2.5) <= Tolerance.Circles.halfCentre)
  }

  @Test(
    arguments: [
      (1, 1), (1, 300), (300, 1), (2, 2), (3, 3), (8, 9), (31, 33), (64, 65),
    ], [UInt8(0), 255])
  func pictures(_ size: (Int, Int), withoutAnything value: UInt8) throws {
    let image = try GrayImage(
      width: size.0, height: size.1, pixels: [UInt8](repeating: value, count: size.0 * size.1))
    let engine = try Engine(threads: 3)
    #expect(try GaussianBlur(size: 31, sigma: 5)(image, engine: engine) == image)
    #expect(try MedianBlur(size: 5)(image, engine: engine) == image)
    #expect(try HoughCircles(votes: 1)(image, engine: engine).isEmpty)
  }

  /// Noise all over: every level and count of threads gives the same circles.
  @Test(arguments: [1, 2, 3.3])
  func everyLevelAndThreadCount(_ resolution: Float) throws {
    var generator = SeededGenerator(seed: 8)
    for (width, height) in [(1, 40), (40, 1), (33, 31), (97, 150)] {
      let image = try GrayImage(width: width, height: height, pixels: generator.bytes(width * height))
      let transform = HoughCircles(
        resolution: resolution, minDistance: 3, edgeThreshold: 300, votes: 4, minRadius: 0, maxRadius: 60)
      let expected = try transform(image, engine: Engine(level: .baseline, threads: 1))
      if width == 97 { #expect(expected.count > 10) }
      for level in Engine.availableLevels {
        for threads in [1, 2, 5] {
          let engine = try Engine(level: level, threads: threads)
          #expect(try transform(image, engine: engine) == expected)
          #expect(try transform(image, engine: engine) == expected, "the second time")
        }
      }
    }
  }

  @Test(
    arguments: [
      (HoughCircles(resolution: 0.9), "the resolution must be 1 to 1000 pixels per cell, got 0.9"),
      (HoughCircles(resolution: .nan), "the resolution must be 1 to 1000 pixels per cell, got nan"),
      (HoughCircles(minDistance: 0), "the least distance between centres must be above 0, got 0.0"),
      (HoughCircles(edgeThreshold: 0), "the edge threshold must be at least 1, got 0"),
      (HoughCircles(votes: 0), "the votes must be at least 1, got 0"),
      (HoughCircles(minRadius: -1), "the radii must be 0 to 65535 and the largest at least 1, got -1 and 100"),
      (
        HoughCircles(minRadius: 0, maxRadius: 0), "the radii must be 0 to 65535 and the largest at least 1, got 0 and 0"
      ),
      (HoughCircles(minRadius: 9, maxRadius: 8), "the smallest radius must not exceed the largest, got 9 and 8"),
    ])
  func parametersOutOfRange(_ transform: HoughCircles, _ sentence: String) throws {
    let image = try GrayImage(width: 2, height: 2, pixels: [0, 0, 0, 0])
    #expect(throws: SceneError.invalidParameter(sentence)) { try transform(image, engine: Engine(threads: 1)) }
  }

  /// 23,200 squared is the first square beyond 2 GiB; it is refused before memory is taken for it.
  @Test func tooLargeAnAccumulator() throws {
    let side = 23_200
    let image = try GrayImage(width: side, height: side, pixels: [UInt8](repeating: 7, count: side * side))
    #expect(
      throws: SceneError.invalidParameter(
        "an image of 23200x23200 at a resolution of 1.0 needs 23200x23200 cells, 2053 MiB; the limit is 2048 MiB: "
          + "reduce the image, or raise the resolution for larger cells")
    ) { try HoughCircles()(image, engine: Engine(threads: 1)) }
  }

  @Test func tooWideAPicture() throws {
    let width = HoughCircles.largestSide + 1
    let image = try GrayImage(width: width, height: 1, pixels: [UInt8](repeating: 7, count: width))
    #expect(
      throws: SceneError.invalidParameter(
        "circles can be searched in images of sides up to 1048576 pixels, got 1048577x1: reduce the image")
    ) { try HoughCircles()(image, engine: Engine(threads: 1)) }
  }

  /// Radii so close to each other, or cells so coarse, that there is no bin for a radius.
  @Test func noBins() throws {
    let image = try disc(130, 100, x: 60, y: 50, radius: 25)
    let transform = HoughCircles(resolution: 1000, votes: 1, minRadius: 24, maxRadius: 26)
    #expect(try transform(image, engine: Engine()).isEmpty)
  }

  @Test func extremeValuesDoNotTrap() throws {
    let image = try disc(130, 100, x: 60, y: 50, radius: 25)
    let engine = try Engine(threads: 2)
    #expect(try HoughCircles(votes: .max)(image, engine: engine).isEmpty)
    #expect(try HoughCircles(edgeThreshold: .max)(image, engine: engine).isEmpty)
    #expect(try HoughCircles(minDistance: .greatestFiniteMagnitude)(image, engine: engine).count == 1)
    #expect(try HoughCircles(resolution: 1000)(image, engine: engine).isEmpty)
    #expect(try HoughCircles(minRadius: 0, maxRadius: 65_535)(image, engine: engine).count >= 1)
    #expect(try HoughCircles(minDistance: .leastNonzeroMagnitude)(image, engine: engine).count >= 1)
  }
}
