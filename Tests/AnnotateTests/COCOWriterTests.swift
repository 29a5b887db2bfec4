import Annotate
import Foundation
import Testing

@Suite struct COCOWriterTests {
  private func document(labels: [String], _ images: [AnnotatedImage]) throws -> String {
    let folder = try ScratchFolder()
    var writer = try COCOWriter(to: .file(folder.path + "/a.json"), labels: labels)
    for image in images { try writer.write(image) }
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
        "categories": [
        {"id": 1, "name": "cat", "supercategory": ""},
        {"id": 2, "name": "\\"dog\\"", "supercategory": ""}
        ],
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
        ]
        }

        """)
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
      #expect(abs(box[0] + box[2] - 640) < 1e-9 && abs(box[1] + box[3] - 480) < 1e-9)
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

  @Test func anUnfinishedDocumentLeavesNothing() throws {
    let folder = try ScratchFolder()
    do {
      var writer = try COCOWriter(to: .file(folder.path + "/a.json"), labels: ["cat"])
      try writer.write(Samples.image([Samples.detection(0, 0, 1, 1)]))
    }
    #expect(try folder.files().isEmpty)
  }
}
