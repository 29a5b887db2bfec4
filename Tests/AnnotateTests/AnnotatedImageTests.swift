import Annotate
import Testing

@Suite struct AnnotatedImageTests {
  @Test func clipsBoxesToThePicture() throws {
    let image = try Samples.image(width: 100, height: 50, [Samples.detection(-3, -0.5, 100.01, 60)])
    #expect(image.detections[0].box == Box(x1: 0, y1: 0, x2: 100, y2: 50))
  }

  @Test(arguments: [
    Samples.detection(.nan, 0, 1, 1), Samples.detection(0, 0, .infinity, 1), Samples.detection(2, 0, 1, 1),
    Samples.detection(0, 2, 1, 1), Samples.detection(0, 0, 1, 1, score: .nan),
    Samples.detection(0, 0, 1, 1, score: 1.01),
    Samples.detection(0, 0, 1, 1, score: -0.01), Samples.detection(0, 0, 1, 1, classID: -1),
  ])
  func refusesWhatNoFormatCanHold(detection: Detection) {
    #expect(throws: AnnotationError.self) { try Samples.image([detection]) }
  }

  @Test func refusesAMaskOfAnotherSize() throws {
    let mask = try Samples.mask("#.", "..")
    #expect(throws: AnnotationError.invalidImage("a.jpg: a mask of 2x2 in a picture of 2x3")) {
      try Samples.image("a.jpg", width: 2, height: 3, [Samples.detection(0, 0, 1, 1, mask: mask)])
    }
    let image = try Samples.image("a.jpg", width: 2, height: 2, [Samples.detection(0, 0, 1, 1, mask: mask)])
    #expect(image.detections[0].mask == mask)
  }

  @Test func circlesKeepTheirCentreAndRadius() throws {
    let image = try Samples.image("a.jpg", width: 10, height: 8, [Samples.coin(-1, 7.5, 3)])
    #expect(image.detections[0].circle == Circle(x: -1, y: 7.5, radius: 3))
    #expect(image.detections[0].box == Box(x1: 0, y1: 4.5, x2: 2, y2: 8))
  }

  @Test(arguments: [
    (Circle(x: .nan, y: 0, radius: 1), "1.0 about (nan, 0.0)"),
    (Circle(x: 0, y: .infinity, radius: 1), "1.0 about (0.0, inf)"),
    (Circle(x: 0, y: 0, radius: .infinity), "inf about (0.0, 0.0)"),
    (Circle(x: 0, y: 0, radius: .nan), "nan about (0.0, 0.0)"), (Circle(x: 1, y: 2, radius: 0), "0.0 about (1.0, 2.0)"),
    (Circle(x: 1, y: 2, radius: -3), "-3.0 about (1.0, 2.0)"),
  ])
  func refusesWhatIsNoCircle(circle: Circle, numbers: String) {
    #expect(throws: AnnotationError.invalidImage("a.jpg: a circle has a radius above 0, got \(numbers)")) {
      try Samples.image("a.jpg", [Samples.detection(0, 0, 1, 1, circle: circle)])
    }
  }

  @Test(arguments: [(0, 1), (1, 0), (-1, 1), ((1 << 24) + 1, 1), (Int.max, Int.max)])
  func refusesImpossibleSizes(width: Int, height: Int) {
    #expect(throws: AnnotationError.invalidImage("a.jpg: sides must lie within 1...16777216, got \(width)x\(height)")) {
      try Samples.image("a.jpg", width: width, height: height)
    }
  }

  @Test func refusesAnEmptyName() {
    #expect(throws: AnnotationError.self) { try Samples.image("") }
  }

  @Test func takesDegenerateBoxesAndTheSmallestPicture() throws {
    let image = try Samples.image(
      width: 1, height: 1, [Samples.detection(1, 1, 1, 1, score: 1), Samples.detection(0, 0, 1, 1, score: 0)])
    #expect(image.detections.count == 2)
  }
}
