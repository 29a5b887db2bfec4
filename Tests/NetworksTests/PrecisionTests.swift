import Tensor
import TestSupport
import Testing

@testable import Networks

/// What a lower precision asks of level and file. Whole networks: `AnnotateTests/PrecisionTests`.
@Suite struct PrecisionTests {
  @Test func int8NeedsACalibration() throws {
    let error = #expect(throws: WeightFileError.uncalibrated(path: SlimYOLOv5.fp32.path, map: nil)) {
      try YOLOv5(weights: SlimYOLOv5.fp32.path, precision: .int8, engine: Engine(threads: 1))
    }
    #expect(error?.description == "\(SlimYOLOv5.fp32.path) has not been calibrated for int8")
  }

  /// Calibrating does not make a YOLOv5 out of it.
  @Test func anotherNetworkIsNamedFirst() throws {
    let folder = try ScratchFolder()
    let path = try folder.write(checkpoint(Pickle.dict([("roi_heads.box_head.fc6.weight", Pickle.tensor())])))
    let error = #expect(throws: WeightFileError.self) {
      try YOLOv5(weights: path, precision: .int8, engine: Engine(threads: 1))
    }
    #expect(error?.description.contains("a Faster R-CNN") == true)
  }

  @Test func aCalibrationNeedsAPicture() throws {
    let folder = try ScratchFolder()
    let calibrator = try YOLOv5Calibrator(weights: SlimYOLOv5.fp32.path, engine: Engine(threads: 1))
    #expect(throws: TensorError.self) { try calibrator.write(to: folder.file("none.safetensors")) }
  }

  /// Layers that write maps of one name share a range; pictures are averaged.
  @Test func rangesCoverAllMapsOfAName() {
    let average = RangeAverage()
    for picture in [[(-1.0, 2.0), (-3.0, 1.0)], [(-5.0, 0.5), (0.0, 8.0)]] as [[(Float, Float)]] {
      let observer = MapObserver()
      for (least, greatest) in picture {
        var values = [0, least, greatest, 0]
        values.withUnsafeMutableBufferPointer { values in
          guard let base = values.baseAddress else { return }
          observer.observe("map", TensorView(base, Shape(height: 1, width: 2, channels: 2)))
        }
      }
      average.add(observer.ranges)
    }
    #expect(average.calibration.ranges == ["map": .init(least: -4, greatest: 5)])
  }

  @Test(arguments: InstructionSetLevel.allCases.filter { $0 != .avx512dot && Engine.availableLevels.contains($0) })
  func bfloat16NeedsItsLevel(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 1)
    let error = #expect(throws: TensorError.self) {
      try YOLOv5(weights: SlimYOLOv5.fp32.path, precision: .bfloat16, engine: engine)
    }
    #expect(error?.description.contains("avx512dot") == true)
  }

  @Test(arguments: [
    "model.0 0 nan", "model.0 1", "model.0 0 inf", "model.0 2 1", "model.0 a b", "model.0 0 1;model.0 0 1",
    "model.0 0 1e30", "model.0 0 1 2",
  ])
  func refusesACalibration(_ text: String) throws {
    let folder = try ScratchFolder()
    let path = folder.file("bad.safetensors")
    try YOLOv5.convert(WeightFile(path: SlimYOLOv5.fp32.path), to: path, adding: ["int8": text])
    #expect(throws: WeightFileError.self) {
      try YOLOv5(weights: path, precision: .int8, engine: Engine(threads: 1))
    }
  }

  @Test func refusesAnIncompleteCalibration() throws {
    let folder = try ScratchFolder()
    let path = folder.file("short.safetensors")
    try YOLOv5.convert(WeightFile(path: SlimYOLOv5.fp32.path), to: path, adding: ["int8": "model.0 0 1"])
    #expect(throws: WeightFileError.uncalibrated(path: path, map: "model.12")) {
      try YOLOv5(weights: path, precision: .int8, engine: Engine(threads: 1))
    }
  }
}
