import Annotate
import Foundation
import TestSupport
import Testing

/// What PyTorch and torchvision find in three drawn pictures with the embedded weights, found again by Limn at its
/// defaults: `Fixtures/embedded/make_embedded.py` draws and records.
@Suite struct EmbeddedWeightsReferenceTests {
  struct Recording: Decodable {
    struct Found: Decodable {
      var label: String
      var score: Float
      var box: [Float]
      var area: Int?
      var mask: RunLengths?
    }
    struct RunLengths: Decodable {
      var size: [Int]
      var counts: String
    }
    struct Network: Decodable {
      var detections: [Found]
    }
    struct Picture: Decodable {
      var file: String
      var width: Int
      var height: Int
      var yolov5: Network
      var maskrcnn: Network
    }
    var pictures: [Picture]
  }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/embedded")

  private func pictures() throws -> [(Image, Recording.Picture)] {
    let record = try JSONDecoder().decode(
      Recording.self, from: Data(contentsOf: Self.folder.appending(path: "expected.json")))
    #expect(record.pictures.count == 3)
    return try record.pictures.map { picture in
      (try ImageFile.decode(path: Self.folder.appending(path: picture.file).path), picture)
    }
  }

  /// Each recorded detection by itself, in the order of the scores.
  private func expect(_ found: [Detection], equal expected: [Recording.Found], _ picture: String) throws {
    try #require(found.count == expected.count, "\(picture): \(found.count) found, \(expected.count) recorded")
    #expect(!found.isEmpty)
    var left = found
    for record in expected {
      // Scores that are all but equal may change places.
      let index = left.firstIndex { detection in
        let box = detection.box
        return detection.label == record.label && abs(detection.score - record.score) <= Tolerance.Embedded.score
          && zip([box.x1, box.y1, box.x2, box.y2], record.box).allSatisfy { abs($0 - $1) <= Tolerance.Embedded.box }
      }
      let match = left.remove(at: try #require(index, "\(picture): \(record) is not found"))
      guard let text = record.mask else { continue }
      let mask = try #require(match.mask)
      let expected = try Mask(rle: text.counts, width: text.size[1], height: text.size[0])
      #expect(expected.area == record.area)
      #expect(try mask.iou(with: expected) >= Tolerance.MaskRCNN.maskIoU, "\(picture): a mask of \(record.label)")
    }
  }

  @Test(arguments: Engine.availableLevels)
  func boxes(_ level: InstructionSetLevel) throws {
    let network = try YOLOv5(engine: Engine(level: level, threads: 2))
    for (image, picture) in try pictures() {
      try expect(network.detect(image), equal: picture.yolov5.detections, picture.file)
    }
  }

  @Test(arguments: Engine.availableLevels)
  func masks(_ level: InstructionSetLevel) throws {
    let network = try MaskRCNN(engine: Engine(level: level, threads: 2))
    for (image, picture) in try pictures() {
      try expect(network.detect(image), equal: picture.maskrcnn.detections, picture.file)
    }
  }
}
