import Foundation
import TestSupport
import Testing

@testable import Datasets

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
    let mask = try Mask("#.", "..")
    #expect(throws: AnnotationError.invalidImage("a.jpg: a mask must have the image's size, 2x3, got 2x2")) {
      try Samples.image("a.jpg", width: 2, height: 3, [Samples.detection(0, 0, 1, 1, mask: mask)])
    }
    let image = try Samples.image("a.jpg", width: 2, height: 2, [Samples.detection(0, 0, 1, 1, mask: mask)])
    #expect(image.detections[0].mask == mask)
  }

  @Test func circlesKeepTheirCentreAndRadius() throws {
    let image = try Samples.image("a.jpg", width: 10, height: 8, [Detection.coin(-1, 7.5, 3)])
    #expect(image.detections[0].circle == Circle(x: -1, y: 7.5, radius: 3))
    #expect(image.detections[0].box == Box(x1: 0, y1: 4.5, x2: 2, y2: 8))
  }

  @Test(arguments: [
    (Circle(x: .nan, y: 0, radius: 1), "1.0 around (nan, 0.0)"),
    (Circle(x: 0, y: .infinity, radius: 1), "1.0 around (0.0, inf)"),
    (Circle(x: 0, y: 0, radius: .infinity), "inf around (0.0, 0.0)"),
    (Circle(x: 0, y: 0, radius: .nan), "nan around (0.0, 0.0)"),
    (Circle(x: 1, y: 2, radius: 0), "0.0 around (1.0, 2.0)"),
    (Circle(x: 1, y: 2, radius: -3), "-3.0 around (1.0, 2.0)"),
  ])
  func refusesWhatIsNoCircle(circle: Circle, numbers: String) {
    let sentence = "a.jpg: a circle must be finite with a radius above 0, got \(numbers)"
    #expect(throws: AnnotationError.invalidImage(sentence)) {
      try Samples.image("a.jpg", [Samples.detection(0, 0, 1, 1, circle: circle)])
    }
  }

  @Test(arguments: [(0, 1), (1, 0), (-1, 1), ((1 << 24) + 1, 1), (Int.max, Int.max)])
  func refusesImpossibleSizes(width: Int, height: Int) {
    #expect(throws: AnnotationError.invalidImage("a.jpg: sides must be 1 to 16777216 pixels, got \(width)x\(height)")) {
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

  private func decoded(_ text: String) throws -> AnnotatedImage {
    try JSONDecoder().decode(AnnotatedImage.self, from: Data(text.utf8))
  }

  @Test func theCodedFormReadsBack() throws {
    for image in [
      try Samples.masked(), try Samples.coins(), try Samples.image(),
      try AnnotatedImage(name: "a/é.jpg", width: 3, height: 2, detections: [], id: 139),
    ] {
      let data = try JSONEncoder().encode(image)
      #expect(try JSONDecoder().decode(AnnotatedImage.self, from: data) == image)
    }
  }

  /// What `json` rounds, the coded form has in full; all else is the same object.
  @Test func theCodedFormIsTheObjectOfJSON() throws {
    let circled = try Samples.image(
      "a \"b\".jpg", width: 30, height: 50,
      [
        Samples.detection(0.25, 0.5, 20, 30.75, score: 0.875, classID: 3, label: "cat"),
        .coin(12.5, 40, 9.5, score: 0.0625, mask: Mask(width: 30, height: 50, runs: [4, 40, 1456])),
      ])
    for image in [try Samples.masked(), circled, try Samples.image()] {
      #expect(try decoded(JSONWriter.object(image)).name == image.name)
      let written = try JSONSerialization.jsonObject(with: Data(JSONWriter.object(image).utf8)) as? NSDictionary
      let coded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(image)) as? NSDictionary
      let keys = { (object: NSDictionary?) in (object?.allKeys as? [String])?.sorted() }
      #expect(keys(written) == keys(coded))
      #expect(try decoded(JSONWriter.object(circled)) == circled, "nothing of it needs more places")
    }
    let written = try JSONSerialization.jsonObject(with: Data(JSONWriter.object(circled).utf8)) as? NSDictionary
    let coded = try JSONSerialization.jsonObject(with: JSONEncoder().encode(circled)) as? NSDictionary
    #expect(written == coded)
  }

  @Test(arguments: [
    (#"{"image": "", "width": 2, "height": 1, "detections": []}"#, "an annotated image must have a name"),
    (
      #"{"image": "a", "width": 0, "height": 1, "detections": []}"#,
      "a: sides must be 1 to 16777216 pixels, got 0x1"
    ),
    (
      #"{"image": "a", "width": 2, "height": 1, "detections": [{"label": "cat", "class_id": -1, "score": 1, "#
        + #""box": [0, 0, 1, 1]}]}"#, "a: a class number must be at least 0, got -1"
    ),
    (
      #"{"image": "a", "width": 2, "height": 1, "detections": [{"label": "cat", "class_id": 0, "score": 2, "#
        + #""box": [0, 0, 1, 1]}]}"#, "a: a score must be 0 to 1, got 2.0"
    ),
    (
      #"{"image": "a", "width": 2, "height": 1, "detections": [{"label": "cat", "class_id": 0, "score": 1, "#
        + #""box": [1, 0, 0, 1]}]}"#, "a: a box must be finite with x1 <= x2 and y1 <= y2, got [1.0, 0.0, 0.0, 1.0]"
    ),
    (
      #"{"image": "a", "width": 2, "height": 1, "detections": [{"label": "cat", "class_id": 0, "score": 1, "#
        + #""box": [0, 0, 1, 1], "mask": {"size": [2, 2], "counts": "4"}}]}"#,
      "a: a mask must have the image's size, 2x1, got 2x2"
    ),
  ])
  func whatTheInitializerRefusesIsRefused(text: String, sentence: String) {
    let error = #expect(throws: DecodingError.self) { try decoded(text) }
    guard case .dataCorrupted(let context) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(context.debugDescription == sentence)
  }

  @Test func aLabelHasAtMostAThousandBytes() throws {
    _ = try Samples.image([Samples.detection(0, 0, 1, 1, label: String(repeating: "n", count: 1000))])
    #expect(throws: AnnotationError.invalidImage("bus.jpg: a label of 1001 bytes is longer than 1000")) {
      try Samples.image([Samples.detection(0, 0, 1, 1, label: String(repeating: "n", count: 1001))])
    }
  }
}
