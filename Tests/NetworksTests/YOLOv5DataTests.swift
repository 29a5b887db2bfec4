import Foundation
import Tensor
import TestSupport
import Testing

@testable import Networks

/// The real weight files against what PyTorch 2.9 recorded of them.
@Suite(.enabled(if: realWeights != nil, "skipped: no real YOLOv5 weights in LIMN_DATA or ../shared/data"))
struct YOLOv5DataTests {
  private let weights = realWeights ?? ""

  @Test(arguments: ["yolov5n", "yolov5s-widened"], Engine.availableLevels)
  func rawOutputEqualsPyTorchs(_ name: String, level: InstructionSetLevel) throws {
    let reference = try WeightFile(path: "\(weights)/../refs/\(name)_bus_raw.safetensors")
    let model = try YOLOv5(weights: "\(weights)/\(name).pt", engine: Engine(level: level))
    let planes = try reference.floats("input", shape: [1, 3, 640, 480])
    let pixels = planes.count / 3
    var values = [Float](repeating: 0, count: planes.count)
    values.withUnsafeMutableBufferPointer { values in
      planes.withUnsafeBufferPointer { planes in
        for pixel in 0..<pixels {
          for channel in 0..<3 { values[pixel * 3 + channel] = planes[channel * pixels + pixel] }
        }
      }
    }
    let input = try Tensor(shape: Shape(height: 640, width: 480, channels: 3), values: values)
    let output = try model.predict(input)
    #expect(output.shape == Shape(height: 1, width: 18_900, channels: 85))
    let expected = try reference.floats("output", shape: [1, 18_900, 85])
    let (box, score) = difference(output.values, from: expected, classes: 80)
    #expect(box <= Tolerance.YOLOv5.officialBox)
    #expect(score <= Tolerance.YOLOv5.officialScore)
    #expect(model.labels == COCOCategory.names)
  }

  @Test func parameterCounts() throws {
    #expect(try WeightFile(path: "\(weights)/yolov5n.pt").parameterCount == 1_872_157)
    #expect(try WeightFile(path: "\(weights)/yolov5s-widened.pt").parameterCount == 7_235_389)
  }

  @Test func fineTunesKeepTheirNames() throws {
    let engine = try Engine(threads: 1)
    let duck = try YOLOv5(weights: "\(weights)/custom/duckie_4cls_v70.pt", engine: engine)
    #expect(duck.labels == ["duckie", "cone", "truck", "bus"])
    let helmet = try YOLOv5(weights: "\(weights)/custom/ppe_helmet_vest_2cls_v61.pt", engine: engine)
    #expect(helmet.labels == ["helmet", "vest"])
    // One run each: a class count that does not fit would show.
    let input = try Tensor(shape: Shape(height: 32, width: 64, channels: 3), repeating: 0.4)
    #expect(try duck.predict(input).shape == Shape(height: 1, width: 126, channels: 9))
    #expect(try helmet.predict(input).shape == Shape(height: 1, width: 126, channels: 7))
  }

  /// YOLOv5n after one inference in single precision: its head has tensors that strides of 0 expand.
  @Test func expandedTensorsOfAnInferenceChangeNothing() throws {
    let engine = try Engine(threads: 2)
    let before = try YOLOv5(weights: "\(weights)/yolov5n.pt", engine: engine)
    let after = try YOLOv5(weights: "\(weights)/../cases/fp32_after_inference.pt", engine: engine)
    #expect(after.labels == before.labels)
    let input = try SlimYOLOv5.input()
    let (found, expected) = try (after.predict(input).values, before.predict(input).values)
    #expect(found == expected)
  }

  @Test(arguments: ["yolov8n", "yolo11n-seg"])
  func refusesUltralyticsNetworks(_ name: String) throws {
    let network = name == "yolov8n" ? "DetectionModel" : "SegmentationModel"
    #expect(
      try refusalOfYOLOv5("\(weights)/ultralytics/\(name).pt")
        == "FILE cannot be loaded: it is an Ultralytics network (YOLOv8 or later, or YOLOv5u), "
        + "ultralytics.nn.tasks.\(network); \(NetworkIdentity.loadable)")
  }

  @Test func convertedFineTuneGivesTheSameBits() throws {
    let folder = try ScratchFolder()
    let engine = try Engine(threads: 2)
    let source = "\(weights)/custom/duckie_4cls_v70.pt"
    try YOLOv5.convert(from: source, to: folder.file("duck.safetensors"))
    let before = try YOLOv5(weights: source, engine: engine)
    let after = try YOLOv5(weights: folder.file("duck.safetensors"), engine: engine)
    #expect(after.configuration == before.configuration)
    let input = try SlimYOLOv5.input()
    #expect(try after.predict(input).values == before.predict(input).values)
  }

  @Test(arguments: [
    (
      "yolov5n_truncated_prefix_of_official.pt",
      "FILE is truncated: a zip archive ends with its directory, but this file of 915353 bytes has none; was it "
        + "downloaded completely?"
    ),
    (
      "yolov5n_cbam_4cls_unsupported_arch.pt",
      "FILE: model.4.0 has the class models.common.CBAM, a layer that is not supported"
    ),
  ])
  func refusesUnsupportedFiles(_ name: String, sentence: String) throws {
    #expect(try refusalOfYOLOv5("\(weights)/unsupported/\(name)") == sentence)
  }

  @Test func refusesMaskRCNN() throws {
    #expect(
      try refusalOfYOLOv5("\(weights)/maskrcnn_resnet50_fpn_v2_overfit8_fp16.pth")
        == "FILE has a Mask R-CNN, not a YOLOv5")
  }
}
