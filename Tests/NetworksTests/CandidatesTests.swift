import Foundation
import Tensor
import TensorTestSupport
import Testing

@testable import Networks

/// Detections under each option against the YOLOv5 repository's `letterbox`, `non_max_suppression` and `scale_boxes`.
struct CandidatesTests {
  struct Record: Decodable, Sendable {
    struct Options: Decodable, Sendable {
      var confidence: Float
      var iou: Float
      var maxDetections: Int
      var size: Int
      var square: Bool
      var multiLabel: Bool
      var agnostic: Bool
      var classes: Set<Int>?
    }
    var options: Options
    /// `x1, y1, x2, y2, score, class`, by falling score.
    var detections: [[Float]]
  }

  static func records() throws -> [String: [Record]] {
    let json = try Data(weightFixtureBytes("yolov5_slim_detections.json"))
    return try JSONDecoder().decode([String: [Record]].self, from: json)
  }

  @Test(arguments: SlimYOLOv5.allCases, Engine.availableLevels)
  func equalTheRepositorys(_ network: SlimYOLOv5, level: InstructionSetLevel) throws {
    let model = try YOLOv5(weights: network.path, engine: Engine(level: level, threads: 2))
    let picture = try SlimYOLOv5.picture("odd")
    let records = try #require(try Self.records()[network.rawValue])
    #expect(records.count == 17)
    // The repository's own answer to a limit of 0 is none; Limn refuses to be asked.
    for record in records where record.options.maxDetections > 0 {
      let o = record.options
      let found = try model.detect(
        picture,
        options: .init(
          confidence: o.confidence, iou: o.iou, maxDetections: o.maxDetections, size: o.size, square: o.square,
          multiLabel: o.multiLabel, agnostic: o.agnostic, classes: o.classes?.intersection(network.names.indices)))
      #expect(found.map(\.classID) == record.detections.map { Int($0[5]) }, "\(o)")
      #expect(found.map(\.label) == found.map { network.names[$0.classID] })
      for (detection, expected) in zip(found, record.detections) {
        let edges = [detection.box.x1, detection.box.y1, detection.box.x2, detection.box.y2]
        #expect(zip(edges, expected).allSatisfy { abs($0 - $1) <= YOLOv5Tolerance.pixel }, "\(o): \(detection)")
        #expect(abs(detection.score - expected[4]) <= YOLOv5Tolerance.detectionScore, "\(o): \(detection)")
      }
    }
  }

  @Test func theBestThirtyThousandCompete() throws {
    let model = try YOLOv5(weights: SlimYOLOv5.fp32.path, engine: Engine(threads: 2))
    let picture = try SlimYOLOv5.picture()
    let all = YOLOv5.Options(
      confidence: 0, iou: 1, maxDetections: .max, size: 512, square: true, multiLabel: true)
    let found = try model.detect(picture, options: all)
    // 512x512 has 3 * (64 * 64 + 32 * 32 + 16 * 16) predictions of 3 classes, 48,384 candidates in all.
    #expect(found.count == 30_000)
    let scores = found.map(\.score)
    #expect(zip(scores, scores.dropFirst()).allSatisfy { $0 >= $1 })
    var single = all
    single.classes = [0]
    // One class alone stays below the limit, so nothing is left out.
    #expect(try model.detect(picture, options: single).count == 16_128)
  }

  @Test func thresholdsAreExclusive() throws {
    let model = try YOLOv5(weights: SlimYOLOv5.fp32.path, engine: Engine(threads: 1))
    let picture = try SlimYOLOv5.picture()
    let found = try model.detect(picture, options: .init(size: 96))
    let worst = try #require(found.last)
    #expect(worst.score > 0.25)
    let fewer = try model.detect(picture, options: .init(confidence: worst.score, size: 96))
    #expect(fewer == found.dropLast())
    #expect(try model.detect(picture, options: .init(confidence: 1, size: 96)).isEmpty)
  }
}
