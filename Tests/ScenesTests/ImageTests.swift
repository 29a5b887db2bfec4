import Testing

@testable import Scenes

@Suite struct ImageTests {
  @Test func samples() throws {
    let image = try Image(width: 2, height: 1, pixels: [1, 2, 3, 4, 5, 6])
    #expect(image.width == 2)
    #expect(image.height == 1)
    #expect(image.pixels == [1, 2, 3, 4, 5, 6])
    #expect(try image == Image(width: 2, height: 1, pixels: [1, 2, 3, 4, 5, 6]))
    #expect(try image != Image(width: 1, height: 2, pixels: [1, 2, 3, 4, 5, 6]))
    #expect(try image != Image(width: 2, height: 1, pixels: [1, 2, 3, 4, 5, 7]))
  }

  @Test(arguments: [(0, 1), (1, 0), (-1, 1), (-2, -1), (Int.max, Int.max), (Int.max / 2, 1), (1, Int.min)])
  func sidesOutOfRange(_ side: (width: Int, height: Int)) {
    #expect(
      throws: SceneError.invalidShape(
        "the sides of an image must be 1 to 16777216 pixels, got \(side.width)x\(side.height)")
    ) { try Image(width: side.width, height: side.height, pixels: []) }
  }

  @Test(arguments: [0, 17, 19])
  func wrongCount(_ count: Int) {
    #expect(throws: SceneError.invalidShape("a 2x3 RGB image must have 18 samples, got \(count)")) {
      try Image(width: 2, height: 3, pixels: .init(repeating: 0, count: count))
    }
  }

  @Test func changedInPlace() throws {
    var image = try Image(width: 1, height: 1, pixels: [1, 2, 3])
    image.pixels[1] = 9
    #expect(image.pixels == [1, 9, 3])
  }

  @Test func countOfSamplesStays() async {
    await #expect(processExitsWith: .failure) {
      var image = try Image(width: 1, height: 1, pixels: [1, 2, 3])
      image.pixels.append(4)
    }
  }
}
