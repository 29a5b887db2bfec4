import Foundation
import Testing

@testable import Datasets

/// Writes the same pictures in every format, for `Tests/Readers/check_readers.py` to read with other libraries.
@Suite struct ReaderSamplesTests {
  private static let folder = ProcessInfo.processInfo.environment["LIMN_READER_SAMPLES"]

  private static let labels = ["person", "hot dog", "R&D <\"x\">", "猫 no"]

  private static func pictures() throws -> [AnnotatedImage] {
    func detection(_ x1: Float, _ y1: Float, _ x2: Float, _ y2: Float, _ score: Float, _ classID: Int) -> Detection {
      Detection(box: Box(x1: x1, y1: y1, x2: x2, y2: y2), score: score, classID: classID, label: labels[classID])
    }
    return [
      try AnnotatedImage(
        name: "000000000139.jpg", width: 640, height: 427,
        detections: [
          detection(0, 0, 640, 427, 0.9876, 0), detection(0, 0, 1, 1, 0.75, 1), detection(639, 426, 640, 427, 0.5, 2),
          detection(10, 10, 40, 30, 0.4321, 3), detection(100.25, 50.5, 200.75, 150.13, 0.3, 0),
        ]),
      try AnnotatedImage(name: "empty.png", width: 33, height: 21, detections: []),
      try AnnotatedImage(
        name: "один два.png", width: 101, height: 57, detections: [detection(3.5, 4.25, 99.99, 56.01, 0.6, 3)]),
      try AnnotatedImage(name: "one.png", width: 2, height: 2, detections: [detection(0.5, 0.5, 1.5, 1.5, 1, 1)]),
    ]
  }

  private func write(_ writer: some AnnotationWriter) throws {
    var writer = writer
    for picture in try Self.pictures() { try writer.write(picture) }
    try writer.finish()
  }

  @Test(.enabled(if: folder != nil, "LIMN_READER_SAMPLES names no folder to write the samples to"))
  func everyFormat() throws {
    let folder = try #require(Self.folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try write(JSONWriter(to: .file(folder + "/json.json")))
    try write(JSONLinesWriter(to: .file(folder + "/jsonl.jsonl")))
    try write(COCOWriter(to: .file(folder + "/coco.json"), labels: Self.labels))
    try write(COCOResultsWriter(to: .file(folder + "/coco-results.json"), labels: Self.labels))
    try write(VOCWriter(to: .folder(folder + "/voc1"), labels: Self.labels, options: .init(vocBase: .one)))
    try write(VOCWriter(to: .folder(folder + "/voc0"), labels: Self.labels, options: .init(vocBase: .zero)))
    try write(YOLOWriter(to: .folder(folder + "/yolo"), labels: Self.labels))
  }

  /// Pixels of a picture of 160 by 120 that a rule puts inside.
  private static func mask(_ isInside: (_ x: Int, _ y: Int) -> Bool) throws -> Mask {
    let pixels = (0..<120).flatMap { y in (0..<160).map { x in UInt8(isInside(x, y) ? 1 : 0) } }
    return try Mask(bitmap: pixels, bitmapWidth: 160, x: 0, y: 0, width: 160, height: 120)
  }

  private static func disc(_ x: Int, _ y: Int, _ centerX: Int, _ centerY: Int, _ radius: Int) -> Bool {
    (x - centerX) * (x - centerX) + (y - centerY) * (y - centerY) < radius * radius
  }

  private static func maskedPictures() throws -> [AnnotatedImage] {
    let masks = [
      try mask { x, y in disc(x, y, 40, 40, 30) },
      try mask { x, y in disc(x, y, 90, 60, 35) && !disc(x, y, 85, 55, 15) },
      try mask { x, y in disc(x, y, 20, 100, 12) || disc(x, y, 140, 20, 15) || disc(x, y, 120, 100, 10) },
      try mask { x, y in x >= 50 && y >= 70 && !(x + y).isMultiple(of: 7) },
      try mask { x, y in x == 159 && y == 119 },
      try mask { x, y in x < 3 || y < 3 || x >= 157 || y >= 117 },
    ]
    let detections = zip(masks, [1, 3, 17, 44, 90, 67]).enumerated().compactMap { place, pair in
      pair.0.boundingBox.map { box in
        Detection(
          box: box, score: 0.95 - 0.1 * Float(place), classID: pair.1, label: COCOLabels.torchvision[pair.1],
          mask: pair.0)
      }
    }
    return [
      try AnnotatedImage(name: "000000000285.png", width: 160, height: 120, detections: detections),
      try AnnotatedImage(name: "empty.png", width: 33, height: 21, detections: []),
      try AnnotatedImage(name: "one.png", width: 160, height: 120, detections: Array(detections.prefix(1))),
    ]
  }

  /// Coins whole, cut by every border, tiny and outside.
  private static func circledPictures() throws -> [AnnotatedImage] {
    func coin(_ x: Float, _ y: Float, _ radius: Float, _ score: Float, _ classID: Int) -> Detection {
      let circle = Circle(x: x, y: y, radius: radius)
      return Detection(
        box: circle.boundingBox, score: score, classID: classID, label: circleLabels[classID], circle: circle)
    }
    return [
      try AnnotatedImage(
        name: "000000000007.png", width: 160, height: 120,
        detections: [
          coin(40, 40.5, 30, 0.95, 0), coin(121.37, 60.81, 33.25, 0.9, 1), coin(4, 100, 12.5, 0.8, 2),
          coin(150, 8.25, 17, 0.7, 3), coin(80.5, 119, 4, 0.6, 4), coin(100.5, 20.5, 0.6, 0.5, 5),
        ]),
      try AnnotatedImage(name: "empty.png", width: 33, height: 21, detections: []),
      try AnnotatedImage(name: "one.png", width: 160, height: 120, detections: [coin(80, 60, 200, 1, 0)]),
    ]
  }

  /// A label for each coin of a picture, so that readers may change their order.
  private static let circleLabels = ["one cent", "two cents", "five cents", "ten cents", "half", "euro"]

  private func writeCircled(_ writer: some AnnotationWriter) throws {
    var writer = writer
    for picture in try Self.circledPictures() { try writer.write(picture) }
    try writer.finish()
  }

  @Test(.enabled(if: folder != nil, "LIMN_READER_SAMPLES names no folder to write the samples to"))
  func everyFormatWithCircles() throws {
    let folder = try #require(Self.folder) + "/circles"
    let labels = Self.circleLabels
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try writeCircled(JSONWriter(to: .file(folder + "/json.json")))
    try writeCircled(COCOWriter(to: .file(folder + "/coco.json"), labels: labels))
    try writeCircled(
      COCOWriter(to: .file(folder + "/coco-polygons.json"), labels: labels, options: .init(segmentation: .polygons)))
    try writeCircled(COCOResultsWriter(to: .file(folder + "/coco-results.json"), labels: labels))
    try writeCircled(VOCWriter(to: .folder(folder + "/voc1"), labels: labels))
    try writeCircled(VOCWriter(to: .folder(folder + "/voc0"), labels: labels, options: .init(vocBase: .zero)))
    try writeCircled(YOLOWriter(to: .folder(folder + "/yolo"), labels: labels))
    try writeCircled(
      YOLOWriter(to: .folder(folder + "/yolo-polygons"), labels: labels, options: .init(yoloCircles: .polygons)))
  }

  private func writeMasked(_ writer: some AnnotationWriter) throws {
    var writer = writer
    for picture in try Self.maskedPictures() { try writer.write(picture) }
    try writer.finish()
  }

  @Test(.enabled(if: folder != nil, "LIMN_READER_SAMPLES names no folder to write the samples to"))
  func everyFormatWithMasks() throws {
    let folder = try #require(Self.folder) + "/masks"
    let labels = COCOLabels.torchvision
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try writeMasked(JSONWriter(to: .file(folder + "/json.json")))
    try writeMasked(COCOWriter(to: .file(folder + "/coco.json"), labels: labels))
    try writeMasked(
      COCOWriter(to: .file(folder + "/coco-polygons.json"), labels: labels, options: .init(segmentation: .polygons)))
    try writeMasked(COCOResultsWriter(to: .file(folder + "/coco-results.json"), labels: labels))
    try writeMasked(VOCWriter(to: .folder(folder + "/voc"), labels: labels))
    try writeMasked(YOLOWriter(to: .folder(folder + "/yolo"), labels: labels))
  }
}
