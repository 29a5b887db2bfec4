import Annotate
import Foundation
import TestSupport
import Testing

/// Photographs to detections against PyTorch's, on weights that are not part of the repository.
@Suite(.enabled(if: YOLOv5References.folder != nil, "skipped: photographs and weights, LIMN_DATA is absent"))
struct YOLOv5ReferenceTests {
  /// A detection as the YOLOv5 repository gave it.
  struct Reference: Decodable {
    let box: [Float]
    let score: Float
    let cls: Int
  }

  /// Every level, and two counts of threads on the highest.
  static let engines: [(level: InstructionSetLevel, threads: Int)] =
    Engine.availableLevels.map { ($0, 2) } + (Engine.availableLevels.last.map { [($0, 1)] } ?? [])

  @Test(arguments: engines)
  func findsWhatPyTorchFinds(level: InstructionSetLevel, threads: Int) throws {
    let engine = try Engine(level: level, threads: threads)
    let references = try JSONDecoder().decode(
      [String: [Reference]].self, from: Data(contentsOf: YOLOv5References.url("refs/yolov5_detections.json")))
    #expect(references.count == 4)
    for (key, expected) in references {
      let names = key.split(separator: "/")
      let detector = try YOLOv5(weights: YOLOv5References.url("weights/\(names[0]).pt").path, engine: engine)
      let photo = try ImageFile.decode(path: YOLOv5References.url("images/photos/\(names[1]).jpg").path)
      let found = try detector.detect(photo)
      try #require(found.count == expected.count, "\(key)")
      for (detection, reference) in zip(found, expected) {
        #expect(detection.classID == reference.cls, "\(key)")
        #expect(abs(detection.score - reference.score) <= Tolerance.YOLOv5.photographScore, "\(key)")
        let edges = [detection.box.x1, detection.box.y1, detection.box.x2, detection.box.y2]
        for (edge, other) in zip(edges, reference.box) {
          #expect(abs(edge - other) <= Tolerance.YOLOv5.photographBox, "\(key)")
        }
      }
    }
  }

  @Test func fineTunesKnowTheirOwnClasses() throws {
    let ducks = try YOLOv5(weights: YOLOv5References.url("weights/custom/duckie_4cls_v70.pt").path)
    #expect(ducks.labels.count == 4)
    let photo = try ImageFile.decode(path: YOLOv5References.url("images/photos/duckie.jpg").path)
    let found = try ducks.detect(photo)
    #expect(found.contains { $0.label.lowercased().contains("duck") }, "\(found) of \(ducks.labels)")
    let helmets = try YOLOv5(weights: YOLOv5References.url("weights/custom/ppe_helmet_vest_2cls_v61.pt").path)
    #expect(helmets.labels.count == 2)
  }

  @Test func unsupportedFilesAreRefused() throws {
    let truncated = try YOLOv5References.url("weights/unsupported/yolov5n_truncated_prefix_of_official.pt").path
    #expect(throws: WeightFileError.self) { try YOLOv5(weights: truncated) }
    let attention = try YOLOv5References.url("weights/unsupported/yolov5n_cbam_4cls_unsupported_arch.pt").path
    let error = #expect(throws: WeightFileError.self) { try YOLOv5(weights: attention) }
    #expect(error?.description.contains("models.common.CBAM") == true)
  }
}

/// The shared data, where a machine has it.
enum YOLOv5References {
  static let folder = SharedData.folder.map { URL(filePath: $0) }

  static func url(_ path: String) throws -> URL { try #require(folder).appending(path: path) }
}
