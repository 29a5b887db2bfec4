import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite struct YOLOWriterTests {
  @Test func writesTheFolder() throws {
    let folder = try ScratchFolder()
    var writer = try YOLOWriter(to: .folder(folder.path + "/out"), labels: ["no", "a: \"b\" #c"])
    try writer.write(
      Samples.image(
        "a/1.jpg", width: 3, height: 4,
        [
          Samples.detection(1, 1, 2, 3, classID: 1), Samples.detection(0, 0, 3, 4), Samples.detection(3, 4, 3, 4),
        ]
      ).labelled(["no", "a: \"b\" #c"]))
    try writer.write(Samples.image("b/1.jpg", width: 1, height: 1))
    try writer.finish()
    #expect(try folder.files() == ["out/classes.txt", "out/data.yaml", "out/labels/a/1.txt", "out/labels/b/1.txt"])
    #expect(
      try folder.text("out/labels/a/1.txt") == """
        1 0.500000 0.500000 0.333333 0.500000
        0 0.500000 0.500000 1.000000 1.000000
        0 1.000000 1.000000 0.000000 0.000000

        """)
    #expect(try folder.text("out/labels/b/1.txt").isEmpty)
    #expect(try folder.text("out/classes.txt") == "no\na: \"b\" #c\n")
    let real = URL(fileURLWithPath: folder.path).resolvingSymlinksInPath().path
    #expect(
      try folder.text("out/data.yaml") == """
        path: "\(real)/out"
        train: images
        val: images
        nc: 2
        names:
          - "no"
          - "a: \\"b\\" #c"

        """)
  }

  @Test func masksAreOnePolygonALine() throws {
    let folder = try ScratchFolder()
    var writer = try YOLOWriter(to: .folder(folder.path), labels: ["person", "cat"])
    try writer.write(Samples.masked())
    let mask = try Mask("#.", "##")
    try writer.write(
      Samples.image(
        "b.jpg", width: 2, height: 2, [Samples.detection(0, 0, 2, 2, mask: mask), Samples.detection(0.5, 0, 2, 1)]))
    try writer.write(Samples.image("c.jpg", width: 2, height: 2, [Samples.detection(0.5, 0, 2, 1)]))
    #expect(writer.notes == ["1 mask without pixels left out: YOLO cannot represent them"])
    try writer.finish()
    #expect(
      try folder.text("labels/a.txt") == """
        0 0.000000 0.000000 0.400000 0.000000 0.400000 0.500000 0.000000 0.500000
        1 0.200000 0.250000 0.400000 0.250000 0.400000 0.500000 0.400000 0.500000 0.600000 0.500000 0.600000 0.750000 \
        0.800000 0.750000 1.000000 0.750000 1.000000 1.000000 0.800000 1.000000 0.800000 0.750000 0.600000 0.750000 \
        0.400000 0.750000 0.400000 0.500000 0.400000 0.500000 0.200000 0.500000
        0 0.400000 0.000000 1.000000 0.000000 1.000000 0.750000 0.400000 0.750000 0.600000 0.500000 0.800000 0.500000 \
        0.800000 0.250000 0.600000 0.250000 0.600000 0.500000 0.400000 0.750000

        """)
    #expect(
      try folder.text("labels/b.txt") == """
        0 0.000000 0.000000 0.500000 0.000000 0.500000 0.500000 1.000000 0.500000 1.000000 1.000000 0.000000 1.000000
        0 0.250000 0.000000 1.000000 0.000000 1.000000 0.500000 0.250000 0.500000

        """)
    #expect(try folder.text("labels/c.txt") == "0 0.625000 0.250000 0.750000 0.500000\n")
  }

  @Test func circlesAreBoxesUnlessPolygonsAreAskedFor() throws {
    let folder = try ScratchFolder()
    var writer = try YOLOWriter(to: .folder(folder.path), labels: ["coin"])
    try writer.write(Samples.image("a.jpg", width: 10, height: 8, [Detection.coin(4, 4, 2), Detection.coin(10, 8, 2)]))
    let mask = try Mask("#.", "..")
    try writer.write(
      Samples.image(
        "b.jpg", width: 2, height: 2,
        [Detection.coin(1, 1, 1), Samples.detection(0, 0, 1, 1, label: "coin", mask: mask)]))
    #expect(writer.notes.isEmpty)
    try writer.finish()
    #expect(
      try folder.text("labels/a.txt") == """
        0 0.400000 0.500000 0.400000 0.500000
        0 0.900000 0.875000 0.200000 0.250000

        """)
    #expect(
      try folder.text("labels/b.txt") == """
        0 0.000000 0.000000 1.000000 0.000000 1.000000 1.000000 0.000000 1.000000
        0 0.000000 0.000000 0.500000 0.000000 0.500000 0.500000 0.000000 0.500000

        """)
  }

  @Test func circlesAreOnePolygonALineOnRequest() throws {
    let folder = try ScratchFolder()
    var writer = try YOLOWriter(to: .folder(folder.path), labels: ["coin"], options: .init(yoloCircles: .polygons))
    try writer.write(
      Samples.image(
        "a.jpg", width: 10, height: 8,
        [
          Detection.coin(4, 4, 2.5), Detection.coin(10, 8, 2), Detection.coin(-9, 4, 3),
          Samples.detection(0, 0, 5, 2, label: "coin"),
        ]))
    try writer.write(Samples.image("b.jpg", width: 10, height: 8, [Samples.detection(0, 0, 5, 2, label: "coin")]))
    #expect(writer.notes == ["1 mask without pixels left out: YOLO cannot represent them"])
    try writer.finish()
    #expect(
      try folder.text("labels/a.txt") == """
        0 0.650000 0.500000 0.577000 0.721250 0.400000 0.812500 0.223000 0.721250 0.150000 0.500000 0.223000 0.278750 \
        0.400000 0.187500 0.577000 0.278750
        0 1.000000 1.000000 0.800000 1.000000 0.859000 0.823750 1.000000 0.750000
        0 0.000000 0.000000 0.500000 0.000000 0.500000 0.250000 0.000000 0.250000

        """)
    #expect(try folder.text("labels/b.txt") == "0 0.250000 0.125000 0.500000 0.250000\n")
  }

  @Test func classesKeepTheirNumbersAndNamesDiffer() throws {
    let folder = try ScratchFolder()
    var writer = try YOLOWriter(to: .folder(folder.path), labels: ["__background__", "cat", "N/A", "N/A"])
    try writer.finish()
    #expect(try folder.text("classes.txt") == "__background__\ncat\nN/A 2\nN/A 3\n")
    #expect(try folder.text("data.yaml").hasSuffix("  - \"N/A 2\"\n  - \"N/A 3\"\n"))
  }

  @Test func neverReplacesOnePictureByAnother() throws {
    let folder = try ScratchFolder()
    var writer = try YOLOWriter(to: .folder(folder.path), labels: ["cat"])
    try writer.write(Samples.image("a.jpg", width: 1, height: 1, [Samples.detection(0, 0, 1, 1, label: "cat")]))
    let second = try Samples.image("a.png")
    do {
      try writer.write(second)
      Issue.record("a.txt was replaced")
    } catch {
      #expect(error.description.hasPrefix("a.png: its annotations would replace"))
    }
    try writer.write(Samples.image("e\u{301}.jpg"))
    try writer.write(Samples.image("\u{E9}.jpg"))
    try writer.finish()
    #expect(try folder.text("labels/a.txt") == "0 0.500000 0.500000 1.000000 1.000000\n")
    #expect(try folder.files().filter { $0.hasPrefix("labels/") }.count == 3)
  }

  @Test func refusesALabelWithALineBreak() throws {
    let folder = try ScratchFolder()
    #expect(throws: AnnotationError.self) { _ = try YOLOWriter(to: .folder(folder.path), labels: ["a\nb"]) }
    #expect(try folder.files().isEmpty)
  }

  @Test func saysWhichFolderCannotBeMade() throws {
    let folder = try ScratchFolder()
    try "".write(toFile: folder.path + "/file", atomically: false, encoding: .utf8)
    let error = #expect(throws: AnnotationError.self) {
      _ = try YOLOWriter(to: .folder(folder.path + "/file/out"), labels: ["cat"])
    }
    #expect(error?.description.contains(folder.path + "/file") == true)
  }

  @Test func theTableOfNamesIsYAMLWhateverTheyHold() throws {
    let memory = MemoryOutput()
    let labels = ["no", "1", "a: b", "# c", "\u{FFFE}\u{FFFF}", "\u{85}\u{2028}", "", "no", "é\t"]
    var writer = try YOLOWriter(to: .memory(memory), labels: labels)
    try writer.finish()
    let text = try String(decoding: #require(memory.files["data.yaml"]), as: UTF8.self)
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.prefix(4) == ["train: images", "val: images", "nc: 9", "names:"])
    // YAML allows no noncharacters, and breaks lines where JSON does not.
    #expect(
      lines.dropFirst(4) == [
        #"  - "no""#, #"  - "1""#, #"  - "a: b""#, ##"  - "# c""##, #"  - "\ufffe\uffff""#, #"  - "\u0085\u2028""#,
        #"  - "class 6""#, #"  - "no 7""#, #"  - "é\t""#,
      ])
    #expect(writer.notes.count == 2)
  }

  @Test func noClassesAreAnEmptyList() throws {
    let memory = MemoryOutput()
    var writer = try YOLOWriter(to: .memory(memory), labels: [])
    try writer.finish()
    #expect(
      memory.files["data.yaml"].map { String(decoding: $0, as: UTF8.self) }
        == "train: images\nval: images\nnc: 0\nnames: []\n")
    #expect(memory.files["classes.txt"] == [])
  }

  @Test func aPathThroughALinkIsTheFoldersOwn() throws {
    let folder = try ScratchFolder()
    try FileManager.default.createDirectory(atPath: folder.path + "/real", withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: "real")
    var writer = try YOLOWriter(to: .folder(folder.path + "/link/../link"), labels: ["cat"])
    try writer.finish()
    let real = URL(fileURLWithPath: folder.path).resolvingSymlinksInPath().path
    #expect(try folder.text("real/data.yaml").hasPrefix("path: \"\(real)/real\"\n"))
  }
}
