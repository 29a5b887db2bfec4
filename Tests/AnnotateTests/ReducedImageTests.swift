import Testing

@testable import Annotate

@Suite struct ReducedImageTests {
  private func flat(width: Int, height: Int) throws -> Image {
    try Image(width: width, height: height, pixels: [UInt8](repeating: 90, count: width * height * 3))
  }

  @Test func detectionsReturnToTheWholePicture() throws {
    let bytes = try ImageFile.encodeJPEG(flat(width: 641, height: 333))
    let reduced = try ImageFile.decode(bytes: bytes, reducedTo: 100)
    try #require(reduced.divisor == 4)
    let found = [
      Detection(box: Box(x1: 1, y1: 2.5, x2: 161, y2: 84), score: 0.5, classID: 3, label: "a"),
      Detection(
        box: Box(x1: 0, y1: 0, x2: 4, y2: 4), score: 0.25, classID: 0, label: "b",
        circle: Circle(x: 2, y: 2.25, radius: 2.5)),
    ]
    #expect(
      reduced.restored(found) == [
        Detection(box: Box(x1: 4, y1: 10, x2: 641, y2: 333), score: 0.5, classID: 3, label: "a"),
        Detection(
          box: Box(x1: 0, y1: 0, x2: 16, y2: 16), score: 0.25, classID: 0, label: "b",
          circle: Circle(x: 8, y: 9, radius: 10)),
      ])
    #expect(reduced.restored([]).isEmpty)
    let whole = try ImageFile.decode(bytes: bytes, reducedTo: 641)
    #expect(whole.restored(found) == found)
  }

  @Test func aMaskOfAReducedPictureIsRefused() throws {
    let reduced = try ImageFile.decode(bytes: ImageFile.encodeJPEG(flat(width: 64, height: 32)), reducedTo: 8)
    let mask = try Mask(width: 8, height: 4, runs: [0, 32])
    let found = Detection(box: Box(x1: 0, y1: 0, x2: 8, y2: 4), score: 1, classID: 0, label: "a", mask: mask)
    #expect(throws: AnnotationError.invalidImage("a: a mask must have the image's size, 64x32, got 8x4")) {
      try AnnotatedImage(
        name: "a", width: reduced.width, height: reduced.height, detections: reduced.restored([found]))
    }
  }
}
