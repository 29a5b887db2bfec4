import Foundation
import Tensor
import TensorTestSupport
import TestSupport
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
        #expect(zip(edges, expected).allSatisfy { abs($0 - $1) <= Tolerance.YOLOv5.detectedBox }, "\(o): \(detection)")
        #expect(abs(detection.score - expected[4]) <= Tolerance.YOLOv5.detectedScore, "\(o): \(detection)")
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

  /// Suppression moves the boxes of each class further away, but nowhere in the largest input do two classes meet.
  @Test func boxesOfDifferentClassesNeverMeet() throws {
    let engine = try Engine(threads: 1)
    let model = try YOLOv5(weights: SlimYOLOv5.fp32.path, engine: engine)
    let cells = 4096 / 32
    let found = engine.withWorkspace { workspace in
      let maps = emptyMaps(model, [(1, 1), (1, 1), (cells, cells)], workspace)
      // A box of 40 pixels in each cell of the diagonal: whatever the shift, one of them covers a fifth of the first.
      for cell in 0..<cells {
        let anchor = model.configuration.anchors[2][0]
        let values = maps[2].pixel(cell * cells + cell)
        values[2] = logit((40 / anchor.width).squareRoot() / 2)
        values[3] = logit((40 / anchor.height).squareRoot() / 2)
        values[4] = 20
        values[cell == 0 ? 6 : 5] = 20
      }
      let options = YOLOv5.Options(iou: 0.1, size: 4096)
      let candidates = Candidates(model.network.head24, maps, classes: 3, options, workspace)
      return candidates.suppressed(options, workspace).map(\.classID)
    }
    #expect(found.filter { $0 == 1 }.count == 1)
    #expect(found.count == cells)
  }

  /// Activations that overflow give no box.
  @Test func boxesOfNoNumbersAreLeftOut() throws {
    let engine = try Engine(threads: 1)
    let model = try YOLOv5(weights: SlimYOLOv5.fp32.path, engine: engine)
    engine.withWorkspace { workspace in
      let maps = emptyMaps(model, [(1, 5), (1, 1), (1, 1)], workspace)
      for cell in 0..<5 {
        let values = maps[0].pixel(cell)
        for channel in 0..<6 { values[channel] = channel == cell ? .nan : channel < 4 ? 0 : 20 }
      }
      let options = YOLOv5.Options(iou: 1)
      let candidates = Candidates(model.network.head24, maps, classes: 3, options, workspace)
      // The cell whose objectness is no number is no candidate either.
      #expect(candidates.suppressed(options, workspace).isEmpty)
      maps[0].pixel(3)[3] = 0
      let repaired = Candidates(model.network.head24, maps, classes: 3, options, workspace)
      #expect(repaired.suppressed(options, workspace).count == 1)
    }
  }

  /// The last bits of the logit of a confidence and of the sigmoid do not decide: what the sigmoid says does.
  @Test(arguments: Engine.availableLevels)
  func objectnessIsComparedAfterTheSigmoid(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 1)
    let model = try YOLOv5(weights: SlimYOLOv5.fp32.path, engine: engine)
    var belowTheLogit = 0
    for threshold in (1..<100).map({ Float($0) / 100 }) {
      let exact = logit(threshold)
      let logits = (-24..<24).map { exact + Float($0) * exact.ulp }
      var sigmoids = logits
      sigmoids.withUnsafeMutableBufferPointer { values in
        if let base = values.baseAddress { engine.kernels.maps.sigmoid(base, base, values.count) }
      }
      var found: [Float] = []
      engine.withWorkspace { workspace in
        let maps = emptyMaps(model, [(1, logits.count), (1, 1), (1, 1)], workspace)
        for (cell, logit) in logits.enumerated() { maps[0].pixel(cell)[4] = logit }
        model.network.head24.decode(maps, batch: 0, objectness: threshold, workspace) { found.append($0[4]) }
      }
      #expect(found == sigmoids.filter { $0 > threshold }, "\(threshold)")
      belowTheLogit += zip(logits, sigmoids).filter { $0 < exact && $1 > threshold }.count
    }
    #expect(belowTheLogit > 0, "there is something to lose")
  }
}

/// Maps of the network's three levels in which nothing is an object.
private func emptyMaps(
  _ model: YOLOv5, _ extents: [(height: Int, width: Int)], _ workspace: Workspace
) -> [TensorView] {
  zip(extents, model.network.head24.outputs).map { extent, channels in
    let map = workspace.arena.tensor(Shape(height: extent.height, width: extent.width, channels: channels))
    map.base.initialize(repeating: -100, count: map.shape.count)
    for pixel in 0..<map.shape.pixels {
      for channel in 0..<channels where channel % (channels / 3) < 2 { map.pixel(pixel)[channel] = 0 }
    }
    return map
  }
}

private func logit(_ p: Float) -> Float { Float(log(Double(p) / (1 - Double(p)))) }
