import Scenes
import Testing

/// A detector with choices of its own: its answer tells what it was asked.
private struct Chooser: Detector {
  struct Options: DetectorOptions {
    var common = DetectionOptions(confidence: 0.125, maxDetections: 7)
    var width: Float = 3
  }

  let labels = ["thing"]

  func detect(_ image: Image, options: Options) throws -> [Detection] {
    try options.common.validate(classCount: 1)
    let box = Box(x1: 0, y1: 0, x2: options.width, y2: Float(options.maxDetections))
    return [Detection(box: box, score: options.confidence, classID: 0, label: labels[0])]
  }
}

/// A detector without choices of its own.
private struct Plain: Detector {
  let labels = ["other"]

  func detect(_ image: Image, options: DetectionOptions) throws -> [Detection] {
    if options.classes == [] { throw CancellationError() }
    let box = Box(x1: 0, y1: 0, x2: 1, y2: 1)
    return [Detection(box: box, score: options.confidence, classID: 0, label: labels[0])]
  }
}

@Suite struct DetectorTests {
  private let image: Image

  init() throws { image = try Image(width: 1, height: 1, pixels: [1, 2, 3]) }

  @Test func everyDetectorAnswersWithItsOwnDefaults() throws {
    let detectors: [any Detector] = [Chooser(), Plain()]
    let found = try detectors.flatMap { try $0.detect(image) }
    #expect(found.map(\.score) == [0.125, 0.25])
    #expect(found.map(\.box.x2) == [3, 1])
  }

  @Test func theCommonOptionsChangeForAll() throws {
    let detectors: [any Detector] = [Chooser(), Plain()]
    let found = try detectors.flatMap { detector in
      try detector.detect(image) {
        $0.confidence = 0.5
        $0.maxDetections += 1
      }
    }
    #expect(found.map(\.score) == [0.5, 0.5])
    // Its own choice, and what was not changed, are the defaults.
    #expect(found[0].box == Box(x1: 0, y1: 0, x2: 3, y2: 8))
  }

  @Test func genericCodeNeedsNoOptions() throws {
    func scores(_ detector: some Detector) throws -> [Float] {
      try detector.detect(image).map(\.score) + detector.detect(image, changing: { $0.confidence = 1 }).map(\.score)
    }
    #expect(try scores(Chooser()) == [0.125, 1])
    #expect(try scores(Plain()) == [0.25, 1])
  }

  @Test func errorsOfAllKindsPass() {
    let detectors: [any Detector] = [Chooser(), Plain()]
    #expect(throws: SceneError.invalidParameter("the number of detections per image must be at least 1, got 0")) {
      try detectors[0].detect(image) { $0.maxDetections = 0 }
    }
    #expect(throws: CancellationError.self) { try detectors[1].detect(image) { $0.classes = [] } }
  }

  @Test func theCommonOptionsAreReachedByTheirNames() {
    var options = Chooser.Options()
    options.iou = 0.75
    options.classes = [1]
    options.confidence += 0.5
    #expect(options.common == DetectionOptions(confidence: 0.625, iou: 0.75, maxDetections: 7, classes: [1]))
    #expect(options.maxDetections == 7 && options.iou == 0.75 && options.classes == [1])
  }
}
