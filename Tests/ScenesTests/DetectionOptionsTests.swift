import Foundation
import Scenes
import Testing

@Suite struct DetectionOptionsTests {
  @Test func theDefaultsAreThoseOfDetectPy() {
    let options = DetectionOptions()
    #expect(options.confidence == 0.25 && options.iou == 0.45 && options.maxDetections == 1000)
    #expect(options.classes == nil)
    #expect(options.common == options)
  }

  @Test(arguments: [
    (DetectionOptions(confidence: -0.01), "the confidence must be 0 to 1, got -0.01"),
    (DetectionOptions(confidence: Float(1).nextUp), "the confidence must be 0 to 1, got 1.0000001"),
    (DetectionOptions(confidence: .nan), "the confidence must be 0 to 1, got nan"),
    (DetectionOptions(iou: -1), "the IoU threshold must be 0 to 1, got -1.0"),
    (DetectionOptions(iou: .infinity), "the IoU threshold must be 0 to 1, got inf"),
    (DetectionOptions(iou: .nan), "the IoU threshold must be 0 to 1, got nan"),
    (DetectionOptions(maxDetections: 0), "the number of detections per image must be at least 1, got 0"),
    (DetectionOptions(maxDetections: .min), "the number of detections per image must be at least 1, got \(Int.min)"),
    (DetectionOptions(classes: [900, 3, 80]), "class 80 is not one of the 80 classes, 0 to 79"),
    (DetectionOptions(classes: [-1, 900]), "class -1 is not one of the 80 classes, 0 to 79"),
  ])
  func whatIsOutOfRangeIsRefusedWithItsNumber(options: DetectionOptions, sentence: String) {
    #expect(throws: SceneError.invalidParameter(sentence)) { try options.validate(classCount: 80) }
  }

  @Test func theEndsOfTheRangesAreTaken() throws {
    try DetectionOptions(confidence: 0, iou: 0, maxDetections: 1, classes: [0, 79]).validate(classCount: 80)
    try DetectionOptions(confidence: 1, iou: 1, maxDetections: .max, classes: []).validate(classCount: 80)
    // Without a count, the classes are not looked at.
    try DetectionOptions(classes: [-7, 900]).validate()
  }

  @Test func aScoreMustExceedTheConfidenceAndAtZeroAllAreKept() {
    let half = DetectionOptions(confidence: 0.5)
    #expect(half.keeps(score: Float(0.5).nextUp) && !half.keeps(score: 0.5) && !half.keeps(score: 0))
    let none = DetectionOptions(confidence: 0)
    #expect(none.keeps(score: 0) && none.keeps(score: -0.0) && none.keeps(score: 1))
    #expect(!DetectionOptions(confidence: 1).keeps(score: 1))
    #expect(!half.keeps(score: .nan))
  }

  @Test func theCodedFormReadsBack() throws {
    for options in [
      DetectionOptions(), DetectionOptions(confidence: 0.1, iou: 0.9, maxDetections: .max, classes: [0, 7]),
      DetectionOptions(classes: []),
    ] {
      let data = try JSONEncoder().encode(options)
      #expect(try JSONDecoder().decode(DetectionOptions.self, from: data) == options)
    }
  }
}
