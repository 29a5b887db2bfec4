import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite struct JSONWriterTests {
  private func document(_ images: [AnnotatedImage]) throws -> String {
    let folder = try ScratchFolder()
    var writer = try JSONWriter(to: .file(folder.path + "/a.json"))
    for image in images { try writer.write(image) }
    try writer.finish()
    #expect(try folder.files() == ["a.json"])
    return try folder.text("a.json")
  }

  @Test func writesAnObjectAPicture() throws {
    let text = try document([
      Samples.image([
        Samples.detection(55.209999, 397.6666, 210.82, 889.38, score: 0.87579),
        Samples.detection(0, 0, 810, 1080, score: 1, classID: 5, label: "bus"),
      ]),
      Samples.image("a/1.png", width: 1, height: 1),
    ])
    #expect(
      text == """
        [
        {"image": "bus.jpg", "width": 810, "height": 1080, "detections": [\
        {"label": "person", "class_id": 0, "score": 0.8758, "box": [55.21, 397.67, 210.82, 889.38]}, \
        {"label": "bus", "class_id": 5, "score": 1, "box": [0, 0, 810, 1080]}]},
        {"image": "a/1.png", "width": 1, "height": 1, "detections": []}
        ]

        """)
  }

  @Test func masksAreRunLengths() throws {
    let text = try document([
      Samples.image(
        "a.jpg", width: 3, height: 2,
        [
          Samples.detection(0, 0, 1, 1, mask: Mask("##.", ".#.")), Samples.detection(0, 0, 1, 1),
          Samples.detection(0, 0, 1, 1, mask: Mask("...", "...")),
        ])
    ])
    let head = #"{"label": "person", "class_id": 0, "score": 0.5, "box": [0, 0, 1, 1]"#
    #expect(
      text == """
        [
        {"image": "a.jpg", "width": 3, "height": 2, "detections": [\
        \(head), "mask": {"size": [2, 3], "counts": "01111"}}, \(head)}, \
        \(head), "mask": {"size": [2, 3], "counts": "6"}}]}
        ]

        """)
  }

  @Test func circlesFollowBoxAndMask() throws {
    let text = try document([
      Samples.image(
        "a.jpg", width: 30, height: 50,
        [
          Detection.coin(12.5, 40, 9.5), Samples.detection(0, 0, 1, 1),
          Detection.coin(-1.006, 0.333, 2.999, mask: Mask(width: 30, height: 50, runs: [1500])),
        ])
    ])
    #expect(
      text == """
        [
        {"image": "a.jpg", "width": 30, "height": 50, "detections": [\
        {"label": "coin", "class_id": 0, "score": 0.5, "box": [3, 30.5, 22, 49.5], \
        "circle": {"center": [12.5, 40], "radius": 9.5}}, \
        {"label": "person", "class_id": 0, "score": 0.5, "box": [0, 0, 1, 1]}, \
        {"label": "coin", "class_id": 0, "score": 0.5, "box": [0, 0, 1.99, 3.33], \
        "mask": {"size": [50, 30], "counts": "l^1"}, "circle": {"center": [-1.01, 0.33], "radius": 3}}]}
        ]

        """)
  }

  /// COCO's text may hold a backslash, which JSON escapes.
  @Test func theTextOfAMaskIsEscaped() throws {
    let escaped = try Mask(width: 1, height: 5000, runs: [44, 4956])
    #expect(escaped.rle.contains("\\"))
    let image = try Samples.image(width: 1, height: 5000, [Samples.detection(0, 0, 1, 1, mask: escaped)])
    let read = try JSONSerialization.jsonObject(with: Data(document([image]).utf8)) as? [[String: Any]]
    let detection = (read?.first?["detections"] as? [[String: Any]])?.first
    let counts = (detection?["mask"] as? [String: Any])?["counts"] as? String
    #expect(counts == escaped.rle)
  }

  @Test func anEmptyRunIsAnEmptyArray() throws {
    #expect(try document([]) == "[]\n")
  }

  @Test(arguments: Samples.hostileTexts) func namesAndLabelsSurvive(text: String) throws {
    let image = try Samples.image(text, [Samples.detection(0, 0, 1, 1, label: text)])
    let read = try JSONSerialization.jsonObject(with: Data(document([image]).utf8)) as? [[String: Any]]
    let detection = (read?.first?["detections"] as? [[String: Any]])?.first
    #expect((read?.first?["image"] as? String)?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
    #expect((detection?["label"] as? String)?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
  }

  @Test func anUnfinishedDocumentLeavesNothing() throws {
    let folder = try ScratchFolder()
    do {
      var writer = try JSONWriter(to: .file(folder.path + "/a.json"))
      try writer.write(Samples.image())
    }
    #expect(try folder.files().isEmpty)
  }

  @Test func linesAreFlushedAsTheyAreMadeFailuresToo() throws {
    let folder = try ScratchFolder()
    let path = folder.path + "/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    let reader = open(path, O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    func readAvailable() -> String {
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = read(reader, &bytes, bytes.count)
      return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }
    var writer = try JSONLinesWriter(to: .file(path))
    try writer.write(Samples.image(width: 2, height: 3, [Samples.detection(0, 0.5, 1, 1, label: "a\nb")]))
    let box = #"{"label": "a\nb", "class_id": 0, "score": 0.5, "box": [0, 0.5, 1, 1]}"#
    #expect(readAvailable() == #"{"image": "bus.jpg", "width": 2, "height": 3, "detections": [\#(box)]}"# + "\n")
    try writer.writeFailure(name: "c\"d.jpg", reason: "no image:\nempty")
    #expect(readAvailable() == #"{"image": "c\"d.jpg", "error": "no image:\nempty"}"# + "\n")
    try writer.finish()
  }
}
