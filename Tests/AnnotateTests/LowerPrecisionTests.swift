import Annotate
import Foundation
import TestSupport
import Testing

/// The embedded networks at the lower precisions, on the drawn pictures: about what they find in single precision.
@Suite struct LowerPrecisionTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/embedded")
  private static let hasDots = Engine.availableLevels.contains(.avx512dot)

  private func pictures() throws -> [Image] {
    try ["coins", "mixed", "dense"].map { try ImageFile.decode(path: Self.folder.appending(path: "\($0).png").path) }
  }

  @Test(.enabled(if: hasDots)) func yolov5InBFloat16() throws {
    let engine = try Engine(level: .avx512dot, threads: 2)
    let exact = try YOLOv5(engine: engine)
    let model = try YOLOv5(weights: WeightFile(embedded: .yolov5), precision: .bfloat16, engine: engine)
    #expect(model.precision == .bfloat16)
    let alone = try YOLOv5(
      weights: WeightFile(embedded: .yolov5), precision: .bfloat16, engine: Engine(level: .avx512dot, threads: 1))
    for picture in try pictures() {
      let found = try model.detect(picture)
      try expect(
        found, near: exact.detect(picture), scores: Tolerance.LowerPrecision.yolov5BFloat16Score,
        pixels: Tolerance.LowerPrecision.yolov5BFloat16Box)
      #expect(try alone.detect(picture) == found)
    }
  }

  @Test(.enabled(if: hasDots)) func maskRCNNInBFloat16() throws {
    let engine = try Engine(level: .avx512dot, threads: 2)
    let exact = try MaskRCNN(engine: engine)
    let model = try MaskRCNN(weights: WeightFile(embedded: .maskRCNN), precision: .bfloat16, engine: engine)
    for picture in try pictures() {
      try expect(
        model.detect(picture), near: exact.detect(picture), scores: Tolerance.LowerPrecision.maskRCNNBFloat16Score,
        pixels: Tolerance.LowerPrecision.maskRCNNBFloat16Box)
    }
  }

  @Test(arguments: Engine.availableLevels) func yolov5InInt8(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 2)
    let exact = try YOLOv5(engine: engine)
    let scratch = try ScratchFolder()
    let path = scratch.path + "/int8.safetensors"
    let calibrator = try YOLOv5Calibrator(weights: WeightFile(embedded: .yolov5), engine: engine)
    for picture in try pictures() { try calibrator.observe(picture) }
    try calibrator.write(to: path)
    let model = try YOLOv5(weights: path, precision: .int8, engine: engine)
    let plain = try YOLOv5(weights: path, engine: engine)
    let alone = try YOLOv5(weights: path, precision: .int8, engine: Engine(level: level, threads: 1))
    for picture in try pictures() {
      let single = try exact.detect(picture)
      #expect(try plain.detect(picture) == single, "single precision reads the file too")
      let found = try model.detect(picture)
      try expect(
        found, near: single, scores: Tolerance.LowerPrecision.yolov5Int8Score,
        pixels: Tolerance.LowerPrecision.yolov5Int8Box)
      #expect(try alone.detect(picture) == found)
    }
  }

  /// What scores above 0.5 in single precision is found again, but for one a picture, where two boxes compete.
  private func expect(
    _ found: [Detection], near exact: [Detection], scores: Float, pixels: Float
  ) throws {
    let sure = exact.filter { $0.score > 0.5 }
    try #require(!sure.isEmpty)
    var left = found
    var missed: [Detection] = []
    for detection in sure {
      let index = left.firstIndex { other in
        let (a, b) = (detection.box, other.box)
        return other.label == detection.label && abs(other.score - detection.score) <= scores
          && max(abs(a.x1 - b.x1), abs(a.y1 - b.y1), abs(a.x2 - b.x2), abs(a.y2 - b.y2)) <= pixels
      }
      if let index { left.remove(at: index) } else { missed.append(detection) }
    }
    #expect(missed.count <= 1, "\(missed.map { "\($0.label) \($0.score) at \($0.box)" })")
  }
}
