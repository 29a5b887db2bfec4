import Annotate
import Foundation
import TestSupport
import Testing

/// Photographs to masks against torchvision's, on weights that are not part of the repository.
@Suite(.enabled(if: YOLOv5References.folder != nil, "skipped: photographs and weights, LIMN_DATA is absent"))
struct MaskRCNNReferenceTests {
  struct Reference: Decodable {
    let box: [Float]
    let score: Float
    let label: Int
    let maskArea: Int

    enum CodingKeys: String, CodingKey {
      case box, score, label
      case maskArea = "mask_area"
    }
  }

  @Test(arguments: Engine.availableLevels.suffix(2))
  func findsWhatTorchvisionFinds(level: InstructionSetLevel) throws {
    let weights = try YOLOv5References.url("weights/maskrcnn_resnet50_fpn_v2_overfit8_fp16.pth").path
    let network = try MaskRCNN(weights: weights, engine: Engine(level: level))
    let references = try JSONDecoder().decode(
      [String: [String: [Reference]]].self,
      from: Data(contentsOf: YOLOv5References.url("refs/maskrcnn/reference_torchvision_0.14.1.json")))
    let setting = try #require(references["min256_max427"])
    for (key, expected) in setting.sorted(by: { $0.key < $1.key }).prefix(2) {
      let name = URL(filePath: key).lastPathComponent
      let photo = try ImageFile.decode(path: YOLOv5References.url("images/coco64/\(name)").path)
      let found = try network.detect(photo, options: .init(minSize: 256, maxSize: 427))
      for reference in expected where reference.score > 0.1 {
        let match = found.first { detection in
          let box = detection.box
          let edges = zip([box.x1, box.y1, box.x2, box.y2], reference.box)
          return detection.classID == reference.label
            && abs(detection.score - reference.score) <= Tolerance.MaskRCNN.photographScore
            && edges.allSatisfy { abs($0 - $1) <= Tolerance.MaskRCNN.photographBox }
        }
        let area = try #require(match?.mask?.area, "\(name): \(reference)")
        #expect(
          abs(area - reference.maskArea) <= max(Tolerance.MaskRCNN.photographArea, reference.maskArea / 100),
          "\(name): \(reference)")
      }
    }
  }

  @Test func oneNetworksFileIsNotTheOthers() throws {
    let yolo = try YOLOv5References.url("weights/yolov5n.pt").path
    let error = #expect(throws: WeightFileError.self) { try MaskRCNN(weights: yolo) }
    #expect(error?.description.hasSuffix(" has a YOLOv5, not a Mask R-CNN") == true)
  }
}
