import Circles
import Tensor
import TestSupport
import Testing

@Suite struct CircleSearchTests {
  /// A disc in a large picture is found in a copy of half, a third and a tenth of its size, and mapped back.
  @Test(arguments: [400, 267, 80])
  func reducedCopy(_ side: Int) throws {
    let (width, height) = (800, 601)
    let pixels = (0..<width * height).flatMap { index -> [UInt8] in
      let (dx, dy) = (Double(index % width) + 0.5 - 310, Double(index / width) + 0.5 - 277)
      return [UInt8](repeating: dx * dx + dy * dy <= 200 * 200 ? 220 : 30, count: 3)
    }
    let image = try Image(width: width, height: height, pixels: pixels)
    let search = CircleSearch(transform: HoughCircles(maxRadius: 120), maxSide: side)
    let found = try #require(try search(image, engine: Engine()).first)
    let pixel = 800 / Float(side)
    #expect(abs(found.circle.x - 310) <= Tolerance.Circles.reducedCentre * pixel)
    #expect(abs(found.circle.y - 277) <= Tolerance.Circles.reducedCentre * pixel)
    #expect(abs(found.circle.radius - 200) <= Tolerance.Circles.reducedRadius * pixel)
    #expect(found.score > 0.7)
  }

  @Test func sizesOfTheCopy() {
    func size(_ width: Int, _ height: Int, _ side: Int?) -> [Int] {
      let size = CircleSearch(maxSide: side).searchedSize(width: width, height: height)
      return [size.width, size.height]
    }
    #expect(size(4032, 3024, 1000) == [1000, 750])
    #expect(size(3024, 4032, 1000) == [750, 1000])
    #expect(size(640, 480, 640) == [640, 480])
    #expect(size(640, 480, 1000) == [640, 480])
    #expect(size(640, 480, nil) == [640, 480])
    #expect(size(5000, 1, 10) == [10, 1])
    #expect(size(1, 1, 1) == [1, 1])
    #expect(size(0, 0, -1) == [0, 0])
    #expect(size(.max, 2, 1 << 40) == [.max, 2])
  }

  /// Sides beyond what JPEG can have, whole and reduced.
  @Test func widePictures() throws {
    let engine = try Engine(threads: 2)
    let image = try Image(width: 200_000, height: 20, pixels: [UInt8](repeating: 7, count: 200_000 * 20 * 3))
    for side in [nil, 150_000, 1500] {
      #expect(try CircleSearch(maxSide: side)(image, engine: engine).isEmpty)
    }
  }

  @Test func sideOutOfRange() throws {
    let image = try Image(width: 1, height: 1, pixels: [0, 0, 0])
    #expect(
      throws: SceneError.invalidParameter("the longest side of the searched image must be at least 1 pixel, got 0")
    ) { try CircleSearch(maxSide: 0)(image, engine: Engine(threads: 1)) }
  }
}
