import TestSupport
import Testing

@testable import Datasets

@Suite struct COCOResultsWriterTests {
  private func document(labels: [String], _ images: [AnnotatedImage]) throws -> String {
    let folder = try ScratchFolder()
    var writer = try COCOResultsWriter(to: .file(folder.path + "/a.json"), labels: labels)
    for image in images { try writer.write(image.labelled(labels)) }
    try writer.finish()
    return try folder.text("a.json")
  }

  @Test func writesAListWithOfficialCategoryIDs() throws {
    let text = try document(
      labels: COCOLabels.all,
      [
        Samples.image(
          "val/000000000139.jpg",
          [
            Samples.detection(1.0004, 2, 3.0006, 4, score: 0.00123456, classID: 79),
            Samples.detection(0, 0, 0, 0, score: 0),
          ]),
        Samples.image("000000000285.jpg", [Samples.detection(0, 0, 810, 1080, classID: 11)]),
      ])
    #expect(
      text == """
        [
        {"image_id": 139, "category_id": 90, "bbox": [1, 2, 2.001, 2], "score": 0.001235},
        {"image_id": 139, "category_id": 1, "bbox": [0, 0, 0, 0], "score": 0},
        {"image_id": 285, "category_id": 13, "bbox": [0, 0, 810, 1080], "score": 0.5}
        ]

        """)
  }

  @Test(arguments: [
    (SegmentationEncoding.runLengths, #"{"size": [4, 5], "counts": "0220<"}"#, [String]()),
    (
      .polygons, "[[0, 0, 2, 0, 2, 2, 0, 2]]",
      ["2 masks with holes or without pixels written as run lengths: polygons cannot represent them"]
    ),
  ])
  func masksFollowTheScore(encoding: SegmentationEncoding, first: String, notes: [String]) throws {
    let folder = try ScratchFolder()
    var writer = try COCOResultsWriter(
      to: .file(folder.path + "/a.json"), labels: ["person", "cat"], options: .init(segmentation: encoding))
    try writer.write(Samples.masked())
    try writer.write(Samples.image("b.jpg", [Samples.detection(0, 0, 1, 1)]))
    #expect(writer.notes == notes)
    try writer.finish()
    let lines = try folder.text("a.json").split(separator: "\n")
    #expect(lines.count == 7)
    #expect(
      lines[1] == """
        {"image_id": 1, "category_id": 1, "bbox": [0, 0, 2, 2], "score": 0.9, "segmentation": \(first)},
        """)
    #expect(lines[3].hasSuffix(#""score": 0.7, "segmentation": {"size": [4, 5], "counts": "831N00020"}},"#))
    #expect(lines[5] == #"{"image_id": 2, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 0.5}"#)
  }

  @Test func circlesAreTheDiscsInsideThem() throws {
    let disc = try Mask(".##.", "####", "####", ".##.")
    let image = try Samples.image("a.jpg", width: 4, height: 4, [Detection.coin(2, 2, 2)])
    #expect(
      try document(labels: ["coin"], [image]) == """
        [
        {"image_id": 1, "category_id": 1, "bbox": [0, 0, 4, 4], "score": 0.5, \
        "segmentation": {"size": [4, 4], "counts": "\(disc.rle)"}}
        ]

        """)
  }

  @Test func noDetectionsGiveAnEmptyList() throws {
    #expect(try document(labels: ["cat"], []) == "[]\n")
    #expect(try document(labels: ["cat"], [Samples.image()]) == "[]\n")
  }

  @Test func aNumberTakenTwiceGoesToTheFirstAndNothingIsRefused() throws {
    let folder = try ScratchFolder()
    var writer = try COCOResultsWriter(to: .file(folder.path + "/a.json"), labels: ["person"])
    try writer.write(Samples.image("a/1.jpg", [Samples.detection(0, 0, 1, 1)]))
    try writer.write(Samples.image("b/1.jpg", [Samples.detection(0, 0, 2, 2)]))
    try writer.finish()
    #expect(
      try folder.text("a.json") == """
        [
        {"image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 0.5},
        {"image_id": 2, "category_id": 1, "bbox": [0, 0, 2, 2], "score": 0.5}
        ]

        """)
  }

  @Test func aPicturesOwnIDIsTakenAsItIsAndOnce() throws {
    let folder = try ScratchFolder()
    var writer = try COCOResultsWriter(to: .file(folder.path + "/a.json"), labels: ["person"])
    func image(_ name: String, id: Int) throws -> AnnotatedImage {
      try AnnotatedImage(name: name, width: 9, height: 9, detections: [Samples.detection(0, 0, 1, 1)], id: id)
    }
    try writer.write(image("7.jpg", id: 3))
    let second = try image("cat.jpg", id: 3)
    do {
      try writer.write(second)
      Issue.record("two images have id 3")
    } catch {
      #expect(error == .invalidImage("cat.jpg: another image has its id, 3"))
    }
    try writer.finish()
    #expect(try folder.text("a.json").contains(#"[\#n{"image_id": 3, "category_id": 1, "bbox": [0, 0, 1, 1], "#))
    #expect(try !folder.text("a.json").contains("},"))
  }
}
