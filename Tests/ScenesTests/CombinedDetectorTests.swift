import Scenes
import Testing

/// Finds what it was made with.
private struct Fixed: Detector {
  var labels: [String]
  var found: [Detection]
  var answersTooFew = false

  func detect(_ image: Image, options: DetectionOptions) throws -> [Detection] {
    found.filter { options.keeps(score: $0.score) }
  }

  func detect(_ images: [Image], options: DetectionOptions) throws -> [[Detection]] {
    try images.dropFirst(answersTooFew ? 1 : 0).map { try detect($0, options: options) }
  }
}

@Suite struct CombinedDetectorTests {
  private let image: Image
  private let cars: Fixed
  private let coins: Fixed

  init() throws {
    image = try Image(width: 1, height: 1, pixels: [1, 2, 3])
    func thing(_ x: Float, _ score: Float, _ classID: Int, _ label: String) -> Detection {
      Detection(box: Box(x1: x, y1: 0, x2: x + 10, y2: 10), score: score, classID: classID, label: label)
    }
    cars = Fixed(labels: ["car", "bus"], found: [thing(0, 0.5, 1, "bus"), thing(40, 0.75, 0, "car")])
    coins = Fixed(labels: ["coin", "car"], found: [thing(1, 0.625, 0, "coin"), thing(41, 0.25, 1, "car")])
  }

  @Test func oneListOfLabels() throws {
    var options = DetectionOptions(confidence: 0)
    let all = try CombinedDetector([.init(cars, options: options), .init(coins, options: options)])
    #expect(all.labels == ["car", "bus", "coin"])
    let found = try all.detect(image)
    #expect(found.map(\.label) == ["car", "coin", "bus", "car"])
    #expect(found.map(\.classID) == [0, 2, 1, 0])
    #expect(found.map(\.score) == [0.75, 0.625, 0.5, 0.25])
    #expect(try all.detect([image, image]) == [found, found])
    #expect(try all.detect([]) == [])
    // Each part has its options, the whole its own.
    options.confidence = 0.5
    #expect(try CombinedDetector([.init(cars, options: options), .init(coins)]).detect(image).count == 2)
    #expect(try all.detect(image) { $0.confidence = 0.25 }.count == 3)
    #expect(try all.detect(image) { $0.classes = [2] }.map(\.label) == ["coin"])
    #expect(try all.detect(image) { $0.maxDetections = 1 }.map(\.score) == [0.75])
    #expect(try all.detect(image, options: .init(confidence: 0.5, classes: [0, 2])).count == 2)
  }

  @Test func overlapsOfSeveralDetectors() throws {
    let parts = [cars, coins].map { CombinedDetector.Part($0, options: DetectionOptions(confidence: 0)) }
    let rule = OverlapRule(overlap: 0.5, acrossClasses: true)
    #expect(
      try CombinedDetector(parts, overlaps: .suppress(rule)).detect(image).map(\.label) == ["car", "coin"])
    let merged = try CombinedDetector(parts, overlaps: .merge(rule)).detect(image)
    #expect(merged.map(\.box.x2) == [11, 51])
    #expect(merged.map(\.score) == [0.5625, 0.5])
    // The filter comes before the overlaps.
    let filter = DetectionFilter(confidence: ["coin": 0.7])
    #expect(
      try CombinedDetector(parts, overlaps: .suppress(rule), filter: filter).detect(image).map(\.label)
        == ["car", "bus"])
  }

  @Test func whatItRefuses() throws {
    #expect(throws: SceneError.invalidParameter("a combined detector needs at least 1 part, got 0")) {
      try CombinedDetector([])
    }
    #expect(throws: SceneError.invalidParameter("the overlap must be 0 to 1, got 2.0")) {
      try CombinedDetector([.init(cars)], overlaps: .merge(OverlapRule(overlap: 2)))
    }
    #expect(throws: SceneError.invalidParameter("'persn' is not one of the 2 labels")) {
      try CombinedDetector([.init(cars)], filter: DetectionFilter(confidence: ["persn": 0.5]))
    }
    #expect(throws: SceneError.invalidParameter("class 3 is not one of the 2 classes, 0 to 1")) {
      try CombinedDetector([.init(cars)]).detect(image) { $0.classes = [3] }
    }
    var network = coins
    network.labels = ["__background__", "car"]
    #expect(
      throws: SceneError.invalidParameter(
        "part 1 begins with the label __background__, which must have the number 0: make it the first part")
    ) { try CombinedDetector([.init(cars), .init(network)]) }
    #expect(try CombinedDetector([.init(network), .init(cars)]).labels == ["__background__", "car", "bus"])
    var wrong = cars
    wrong.labels = ["person", "bus"]
    #expect(
      throws: SceneError.invalidParameter(
        "the label of class 0 must be 'person', got 'car'")
    ) { try CombinedDetector([.init(wrong)]).detect(image) }
    var short = cars
    short.answersTooFew = true
    #expect(throws: SceneError.invalidParameter("a detector must return a list for each of 2 images, got 1")) {
      try CombinedDetector([.init(short)]).detect([image, image])
    }
  }
}

@Suite struct DetectionFilterTests {
  private func thing(_ width: Float, _ height: Float, _ score: Float, _ label: String) -> Detection {
    Detection(box: Box(x1: 1, y1: 1, x2: 1 + width, y2: 1 + height), score: score, classID: 0, label: label)
  }

  @Test func thresholdsOfClasses() {
    let filter = DetectionFilter(confidence: ["a": 0.5, "c": 0])
    let found = [thing(1, 1, 0.5, "a"), thing(1, 1, 0.51, "a"), thing(1, 1, 0, "b"), thing(1, 1, 0, "c")]
    #expect(filter(found) == Array(found[1...]))
  }

  @Test func sizes() {
    let filter = DetectionFilter(minSide: 2, maxSide: 8)
    let found = [thing(2, 8, 1, "a"), thing(1.9, 5, 1, "a"), thing(5, 1.9, 1, "a"), thing(3, 8.1, 1, "a")]
    #expect(filter(found) == [found[0]])
    #expect(DetectionFilter()(found) == found)
  }

  @Test(arguments: [
    (DetectionFilter(confidence: ["a": 1.5]), "the confidence of 'a' must be 0 to 1, got 1.5"),
    (DetectionFilter(confidence: ["a": -.infinity]), "the confidence of 'a' must be 0 to 1, got -inf"),
    (DetectionFilter(minSide: -1), "minSide must be at least 0 and maxSide at least minSide, got -1.0 and inf"),
    (
      DetectionFilter(minSide: 5, maxSide: 4),
      "minSide must be at least 0 and maxSide at least minSide, got 5.0 and 4.0"
    ),
    (DetectionFilter(minSide: .nan), "minSide must be at least 0 and maxSide at least minSide, got nan and inf"),
  ])
  func valuesOutOfRange(_ filter: DetectionFilter, _ reason: String) {
    #expect(throws: SceneError.invalidParameter(reason)) { try filter.validate() }
  }
}
