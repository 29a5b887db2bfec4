import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite struct COCOWriterTests {
  private func document(
    labels: [String], _ images: [AnnotatedImage], segmentation: SegmentationEncoding = .runLengths, notes: [String] = []
  ) throws -> String {
    let folder = try ScratchFolder()
    var writer = try COCOWriter(
      to: .file(folder.path + "/a.json"), labels: labels, options: .init(segmentation: segmentation))
    for image in images { try writer.write(image.labelled(labels)) }
    #expect(writer.notes == notes)
    try writer.finish()
    #expect(try folder.files() == ["a.json"])
    return try folder.text("a.json")
  }

  @Test func writesADataset() throws {
    let text = try document(
      labels: ["cat", "\"dog\""],
      [
        Samples.image(
          "cat.jpg", width: 100, height: 80, [Samples.detection(10, 10.25, 40, 30, score: 0.9123456, classID: 1)]),
        Samples.image("000000000139.jpg", width: 3, height: 2),
        Samples.image("dog.jpg", width: 1, height: 1, [Samples.detection(0, 0, 1, 1, score: 1)]),
      ])
    #expect(
      text == """
        {
        "info": {"description": "Annotations made by Limn"},
        "licenses": [],
        "images": [
        {"id": 1, "width": 100, "height": 80, "file_name": "cat.jpg"},
        {"id": 139, "width": 3, "height": 2, "file_name": "000000000139.jpg"},
        {"id": 2, "width": 1, "height": 1, "file_name": "dog.jpg"}
        ],
        "annotations": [
        {"id": 1, "image_id": 1, "category_id": 2, "bbox": [10, 10.25, 30, 19.75], "area": 592.5, "iscrowd": 0, \
        "segmentation": [], "score": 0.912346},
        {"id": 2, "image_id": 2, "category_id": 1, "bbox": [0, 0, 1, 1], "area": 1, "iscrowd": 0, \
        "segmentation": [], "score": 1}
        ],
        "categories": [
        {"id": 1, "name": "cat", "supercategory": ""},
        {"id": 2, "name": "\\"dog\\"", "supercategory": ""}
        ]
        }

        """)
  }

  /// The annotations of `Samples.masked`, as lines.
  private func masked(_ segmentation: SegmentationEncoding, notes: [String]) throws -> [String] {
    let text = try document(
      labels: ["person", "cat"], [Samples.masked()], segmentation: segmentation, notes: notes)
    return text.split(separator: "\n").map(String.init).filter { $0.contains("iscrowd") }
  }

  @Test func masksAreRunLengthsAndGiveTheArea() throws {
    #expect(
      try masked(.runLengths, notes: []) == [
        #"{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 2, 2], "area": 4, "iscrowd": 0, "#
          + #""segmentation": {"size": [4, 5], "counts": "0220<"}, "score": 0.9},"#,
        #"{"id": 2, "image_id": 1, "category_id": 2, "bbox": [1, 1, 4, 3], "area": 3, "iscrowd": 0, "#
          + #""segmentation": {"size": [4, 5], "counts": "514040"}, "score": 0.8},"#,
        #"{"id": 3, "image_id": 1, "category_id": 1, "bbox": [1.5, 0, 3.5, 3.5], "area": 8, "iscrowd": 0, "#
          + #""segmentation": {"size": [4, 5], "counts": "831N00020"}, "score": 0.7},"#,
        #"{"id": 4, "image_id": 1, "category_id": 1, "bbox": [3, 3, 1, 1], "area": 0, "iscrowd": 0, "#
          + #""segmentation": {"size": [4, 5], "counts": "d0"}, "score": 0.6}"#,
      ])
  }

  @Test func polygonsAreWrittenWhereTheyHoldTheMask() throws {
    let note = "2 masks with holes or without pixels written as run lengths: polygons cannot represent them"
    let lines = try masked(.polygons, notes: [note])
    let segmentations = [
      "[[0, 0, 2, 0, 2, 2, 0, 2]]",
      "[[1, 1, 2, 1, 2, 2, 1, 2], [2, 2, 3, 2, 3, 3, 2, 3], [4, 3, 5, 3, 5, 4, 4, 4]]",
      #"{"size": [4, 5], "counts": "831N00020"}"#, #"{"size": [4, 5], "counts": "d0"}"#,
    ]
    try #require(lines.count == 4)
    for (line, segmentation) in zip(lines, segmentations) {
      #expect(line.contains("\"segmentation\": \(segmentation), \"score\""))
    }
  }

  /// The annotations of `Samples.coins`, as lines.
  private func coins(_ segmentation: SegmentationEncoding, notes: [String]) throws -> [String] {
    let text = try document(labels: ["coin"], [Samples.coins()], segmentation: segmentation, notes: notes)
    return text.split(separator: "\n").map(String.init).filter { $0.contains("iscrowd") }
  }

  @Test func circlesAreTheDiscsInsideThem() throws {
    let rows = try Mask(
      "..........", "..........", "..####....", "..####....", "..####....", "..####....", "..........", "..........")
    let corner = try Mask(
      "..........", "..........", "..........", "..........", "..........", "..........", "........##", ".......###")
    let lines = try coins(.runLengths, notes: [])
    #expect(
      lines == [
        #"{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1.5, 1.5, 5, 5], "area": 16, "iscrowd": 0, "#
          + #""segmentation": {"size": [8, 10], "counts": "\#(rows.rle)"}, "score": 0.9},"#,
        #"{"id": 2, "image_id": 1, "category_id": 1, "bbox": [7, 6, 3, 2], "area": 5, "iscrowd": 0, "#
          + #""segmentation": {"size": [8, 10], "counts": "\#(corner.rle)"}, "score": 0.8},"#,
        #"{"id": 3, "image_id": 1, "category_id": 1, "bbox": [1.7, 1.7, 0.6, 0.6], "area": 0, "iscrowd": 0, "#
          + #""segmentation": {"size": [8, 10], "counts": "`2"}, "score": 0.7},"#,
        #"{"id": 4, "image_id": 1, "category_id": 1, "bbox": [0, 1, 0, 6], "area": 0, "iscrowd": 0, "#
          + #""segmentation": {"size": [8, 10], "counts": "`2"}, "score": 0.5}"#,
      ])
  }

  @Test func circlesAreRegularPolygonsOnRequest() throws {
    let note = "2 masks with holes or without pixels written as run lengths: polygons cannot represent them"
    let lines = try coins(.polygons, notes: [note])
    let segmentations = [
      "[[6.5, 4, 5.77, 5.77, 4, 6.5, 2.23, 5.77, 1.5, 4, 2.23, 2.23, 4, 1.5, 5.77, 2.23]]",
      "[[10, 8, 7, 8, 7.59, 6.59, 9, 6, 10, 6.41]]", #"{"size": [8, 10], "counts": "`2"}"#,
      #"{"size": [8, 10], "counts": "`2"}"#,
    ]
    try #require(lines.count == 4)
    for (line, segmentation) in zip(lines, segmentations) {
      #expect(line.contains("\"segmentation\": \(segmentation), \"score\""), "\(line)")
    }
  }

  @Test func aMaskGoesBeforeTheCircle() throws {
    let image = try Samples.image(
      "a.jpg", width: 2, height: 2, [Detection.coin(1, 1, 1, mask: Mask("#.", ".."))])
    for (encoding, segmentation) in [
      (SegmentationEncoding.runLengths, #"{"size": [2, 2], "counts": "013"}"#),
      (.polygons, "[[0, 0, 1, 0, 1, 1, 0, 1]]"),
    ] {
      let text = try document(labels: ["coin"], [image], segmentation: encoding)
      #expect(text.contains("\"area\": 1, \"iscrowd\": 0, \"segmentation\": \(segmentation)"))
    }
  }

  @Test func aCircleInAPictureBeyondAllMasksIsRefusedAndTheWriterGoesOn() throws {
    let folder = try ScratchFolder()
    var writer = try COCOWriter(to: .file(folder.path + "/a.json"), labels: ["coin"])
    let large = try Samples.image("a.jpg", width: 1 << 16, height: 1 << 15, [Detection.coin(4, 4, 2)])
    do {
      try writer.write(large)
      Issue.record("a mask of 2^31 pixels was written")
    } catch {
      #expect(error == .invalidImage("a.jpg: a mask must have at most 2147483647 pixels, got 65536x32768"))
    }
    try writer.write(Samples.image("b.jpg"))
    try writer.finish()
    #expect(try folder.text("a.json").contains(#"{"id": 1, "width": 810, "height": 1080, "file_name": "b.jpg"}"#))
    #expect(try !folder.text("a.json").contains("a.jpg"))
  }

  @Test func emptyListsAreValid() throws {
    for (labels, images) in [([], []), (["cat"], []), (["cat"], [try Samples.image()])]
      as [([String], [AnnotatedImage])]
    {
      let object = try JSONSerialization.jsonObject(with: Data(document(labels: labels, images).utf8)) as? [String: Any]
      #expect((object?["annotations"] as? [Any])?.isEmpty == true)
      #expect((object?["images"] as? [Any])?.count == images.count)
      #expect((object?["categories"] as? [Any])?.count == labels.count)
    }
  }

  @Test func boxesNeverPassTheEdgeOfThePicture() throws {
    var generator = SystemRandomNumberGenerator()
    let detections = (0..<500).map { _ in
      Samples.detection(
        Float.random(in: 0..<640, using: &generator), Float.random(in: 0..<480, using: &generator), 640, 480)
    }
    let text = try document(labels: ["cat"], [Samples.image("a.jpg", width: 640, height: 480, detections)])
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let annotations = try #require(object?["annotations"] as? [[String: Any]])
    #expect(annotations.count == 500)
    for annotation in annotations {
      let box = try #require(annotation["bbox"] as? [Double])
      #expect(max(abs(box[0] + box[2] - 640), abs(box[1] + box[3] - 480)) <= Tolerance.Files.cocoEdge)
    }
  }

  @Test func anUnknownClassIsRefusedAndTheWriterGoesOn() throws {
    let folder = try ScratchFolder()
    var writer = try COCOWriter(to: .file(folder.path + "/a.json"), labels: ["cat"])
    let unknown = try Samples.image("a.jpg", [Samples.detection(0, 0, 1, 1, classID: 1)])
    do {
      try writer.write(unknown)
      Issue.record("class 1 of 1 label was written")
    } catch {
      #expect(error == .invalidImage("a.jpg: class 1 is not one of the 1 labels"))
    }
    try writer.write(Samples.image("b.jpg"))
    try writer.finish()
    #expect(try folder.text("a.json").contains(#"{"id": 1, "width": 810, "height": 1080, "file_name": "b.jpg"}"#))
    #expect(try !folder.text("a.json").contains("a.jpg"))
  }

  @Test func unusedNumbersAreCategoriesOnlyWhereAnObjectHasThem() throws {
    let labels = ["__background__", "cat", "N/A", "N/A", "dog"]
    let text = try document(
      labels: labels, [Samples.image("a.jpg", [Samples.detection(0, 0, 1, 1, classID: 3, label: "N/A")])])
    let categories = text.split(separator: "\n").filter { $0.contains("supercategory") }
    #expect(
      categories == [
        #"{"id": 1, "name": "cat", "supercategory": ""},"#, #"{"id": 3, "name": "N/A 3", "supercategory": ""},"#,
        #"{"id": 4, "name": "dog", "supercategory": ""}"#,
      ])
    #expect(text.contains(#""category_id": 3, "#))
  }

  @Test func theBackgroundIsNoObject() throws {
    let folder = try ScratchFolder()
    var writer = try COCOWriter(to: .file(folder.path + "/a.json"), labels: ["__background__", "cat"])
    let image = try Samples.image("a.jpg", [Samples.detection(0, 0, 1, 1)])
    do {
      try writer.write(image)
      Issue.record("the background was written")
    } catch {
      #expect(error == .invalidImage("a.jpg: class 0 is the background, which cannot be annotated"))
    }
  }

  @Test func anUnfinishedDocumentLeavesNothing() throws {
    let folder = try ScratchFolder()
    do {
      var writer = try COCOWriter(to: .file(folder.path + "/a.json"), labels: ["cat"])
      try writer.write(Samples.image([Samples.detection(0, 0, 1, 1, label: "cat")]))
    }
    #expect(try folder.files().isEmpty)
  }

  @Test func categoriesHaveNamesAndTheyDiffer() throws {
    let labels = ["cat", "", "cat"]
    let memory = MemoryOutput()
    var writer = try COCOWriter(to: .memory(memory), labels: labels)
    try writer.write(Samples.image("a.jpg", [Samples.detection(0, 0, 1, 1, classID: 2, label: "cat")]))
    #expect(
      writer.notes == [
        "class 1 has no name; it is written as \"class 1\"",
        "classes 0 and 2 are both named \"cat\"; the second is written as \"cat 2\"",
      ])
    try writer.finish()
    let categories = memory.text?.split(separator: "\n").filter { $0.contains("supercategory") }
    #expect(
      categories == [
        #"{"id": 1, "name": "cat", "supercategory": ""},"#, #"{"id": 2, "name": "class 1", "supercategory": ""},"#,
        #"{"id": 3, "name": "cat 2", "supercategory": ""}"#,
      ])
  }

  @Test func anIDIsTakenOnceAndTheWriterGoesOn() throws {
    let memory = MemoryOutput()
    var writer = try COCOWriter(to: .memory(memory), labels: ["cat"])
    func image(_ name: String, _ id: Int?) throws -> AnnotatedImage {
      try AnnotatedImage(name: name, width: 2, height: 1, detections: [], id: id)
    }
    try writer.write(image("9.jpg", 4))
    let second = try image("b.jpg", 4)
    #expect(throws: AnnotationError.invalidImage("b.jpg: another image has its id, 4")) { try writer.write(second) }
    try writer.write(image("4.jpg", nil))
    try writer.write(image("9.png", nil))
    try writer.finish()
    let object = try JSONSerialization.jsonObject(with: Data(#require(memory.document))) as? [String: Any]
    let images = try #require(object?["images"] as? [[String: Any]])
    #expect(images.map { $0["id"] as? Int } == [4, 1, 9])
    #expect(images.map { $0["file_name"] as? String } == ["9.jpg", "4.jpg", "9.png"])
  }
}
