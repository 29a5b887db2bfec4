import Codecs
import Foundation
import TestSupport
import Testing

@testable import Datasets

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct VOCWriterTests {
  /// The four numbers of the only box in a picture of 100 by 50.
  private func bounds(_ x1: Float, _ y1: Float, _ x2: Float, _ y2: Float, base: VOCWriter.Base) throws -> [Int] {
    let folder = try ScratchFolder()
    var writer = try VOCWriter(to: .folder(folder.path), labels: ["cat"], options: .init(vocBase: base))
    try writer.write(Samples.image("a.jpg", width: 100, height: 50, [Samples.detection(x1, y1, x2, y2, label: "cat")]))
    try writer.finish()
    let document = try XMLDocument(data: Data(folder.text("Annotations/a.xml").utf8))
    return try ["xmin", "ymin", "xmax", "ymax"].map { name in
      let node = try #require(document.nodes(forXPath: "/annotation/object/bndbox/\(name)").first)
      return try #require(Int(node.stringValue ?? ""))
    }
  }

  @Test func writesTheFolder() throws {
    let folder = try ScratchFolder()
    var writer = try VOCWriter(to: .folder(folder.path + "/out"), labels: ["cat", "R&D", "cat"])
    try writer.write(Samples.image("a/bus.jpg", [Samples.detection(9.5, 10, 40, 30, classID: 1, label: "R&D")]))
    try writer.write(Samples.image("b/bus.jpg", width: 1, height: 1))
    try writer.finish()
    #expect(
      try folder.files() == [
        "out/Annotations/a/bus.xml", "out/Annotations/b/bus.xml", "out/ImageSets/Main/default.txt", "out/labelmap.txt",
      ])
    #expect(try folder.text("out/ImageSets/Main/default.txt") == "a/bus\nb/bus\n")
    #expect(
      try folder.text("out/labelmap.txt") == """
        # label:color_rgb:parts:actions
        background:0,0,0::
        cat:128,0,0::
        R&D:0,128,0::
        cat 2:128,128,0::

        """)
    #expect(
      try folder.text("out/Annotations/a/bus.xml") == """
        <annotation>
          <folder></folder>
          <filename>a/bus.jpg</filename>
          <source>
            <database>Unknown</database>
          </source>
          <size>
            <width>810</width>
            <height>1080</height>
            <depth>3</depth>
          </size>
          <segmented>0</segmented>
          <object>
            <name>R&amp;D</name>
            <pose>Unspecified</pose>
            <truncated>0</truncated>
            <difficult>0</difficult>
            <bndbox>
              <xmin>10</xmin>
              <ymin>11</ymin>
              <xmax>40</xmax>
              <ymax>30</ymax>
            </bndbox>
          </object>
        </annotation>

        """)
    #expect(try !folder.text("out/Annotations/b/bus.xml").contains("<object>"))
  }

  @Test func masksAreIndexedImages() throws {
    let folder = try ScratchFolder()
    var writer = try VOCWriter(to: .folder(folder.path), labels: ["person", "cat"])
    try writer.write(Samples.image("boxes.jpg", [Samples.detection(0, 0, 1, 1)]))
    let top = try Mask("##.", "#..")
    let bottom = try Mask(".##", ".##")
    try writer.write(
      Samples.image(
        "x/a.b.jpg", width: 3, height: 2,
        [
          Samples.detection(0, 0, 2, 2, score: 0.9, classID: 1, label: "cat", mask: top),
          Samples.detection(0, 0, 1, 1, score: 0.8),
          Samples.detection(1, 0, 3, 2, score: 0.7, mask: bottom),
        ]))
    try writer.finish()
    #expect(
      try folder.files() == [
        "Annotations/boxes.xml", "Annotations/x/a.b.xml", "ImageSets/Main/default.txt",
        "ImageSets/Segmentation/default.txt", "SegmentationClass/x/a.b.png", "SegmentationObject/x/a.b.png",
        "labelmap.txt",
      ])
    #expect(try folder.text("ImageSets/Segmentation/default.txt") == "x/a.b\n")
    #expect(try folder.text("Annotations/x/a.b.xml").contains("<segmented>1</segmented>"))
    #expect(try folder.text("Annotations/boxes.xml").contains("<segmented>0</segmented>"))
    func colors(_ file: String) throws -> [[UInt8]] {
      let image = try ImageFile.decode(path: folder.path + "/" + file)
      #expect((image.width, image.height) == (3, 2))
      return stride(from: 0, to: 18, by: 3).map { Array(image.pixels[$0..<$0 + 3]) }
    }
    // Indices 1, 2 and 3 of the devkit's palette.
    let (red, green, olive): ([UInt8], [UInt8], [UInt8]) = ([128, 0, 0], [0, 128, 0], [128, 128, 0])
    #expect(try colors("SegmentationClass/x/a.b.png") == [green, green, red, green, red, red])
    #expect(try colors("SegmentationObject/x/a.b.png") == [red, red, olive, red, olive, olive])
    let bytes = try Data(contentsOf: URL(filePath: folder.path + "/SegmentationObject/x/a.b.png"))
    // Depth 8, palette: what the devkit's files have.
    #expect(Array(bytes[24..<26]) == [8, 3])
  }

  @Test func noMoreObjectsThanColours() throws {
    let folder = try ScratchFolder()
    var writer = try VOCWriter(to: .folder(folder.path), labels: ["cat"])
    let mask = try Mask("#")
    let image = try Samples.image(
      "a.jpg", width: 1, height: 1,
      Array(repeating: Samples.detection(0, 0, 1, 1, label: "cat", mask: mask), count: 255))
    do {
      try writer.write(image)
      Issue.record("255 objects were written")
    } catch {
      #expect(error == .invalidImage("a.jpg: VOC's mask images can hold 254 objects, got 255"))
    }
    #expect(try folder.files().filter { $0.hasSuffix(".xml") || $0.hasSuffix(".png") }.isEmpty)
    try writer.write(
      Samples.image(
        "a.jpg", width: 1, height: 1,
        Array(repeating: Samples.detection(0, 0, 1, 1, label: "cat", mask: mask), count: 254)))
    try writer.finish()
  }

  @Test func baseOneCountsPixelsAsTheDevkit() throws {
    #expect(try bounds(0, 0, 10, 10, base: .one) == [1, 1, 10, 10])
    #expect(try bounds(0, 0, 1, 1, base: .one) == [1, 1, 1, 1])
    #expect(try bounds(0.9, 0.1, 9.1, 9.9, base: .one) == [1, 1, 10, 10])
    #expect(try bounds(0, 0, 100, 50, base: .one) == [1, 1, 100, 50])
    #expect(try bounds(-5, -5, 105, 55, base: .one) == [1, 1, 100, 50])
  }

  @Test func baseZeroWritesTheEdges() throws {
    #expect(try bounds(0, 0, 10, 10, base: .zero) == [0, 0, 10, 10])
    #expect(try bounds(0.9, 0.1, 9.1, 9.9, base: .zero) == [0, 0, 10, 10])
    #expect(try bounds(0, 0, 100, 50, base: .zero) == [0, 0, 100, 50])
  }

  @Test func aBoxKeepsAtLeastOnePixelInsideThePicture() throws {
    #expect(try bounds(5, 5, 5, 5, base: .one) == [6, 6, 6, 6])
    #expect(try bounds(5, 5, 5, 5, base: .zero) == [5, 5, 6, 6])
    #expect(try bounds(100, 50, 100, 50, base: .one) == [100, 50, 100, 50])
    #expect(try bounds(100, 50, 100, 50, base: .zero) == [99, 49, 100, 50])
  }

  @Test(arguments: Samples.hostileTexts.filter { !$0.contains(":") && !$0.unicodeScalars.contains("\n") })
  func namesAndLabelsGiveWellFormedXML(text: String) throws {
    let folder = try ScratchFolder()
    var writer = try VOCWriter(to: .folder(folder.path), labels: [text])
    try writer.write(Samples.image(text + ".jpg", [Samples.detection(0, 0, 1, 1, label: text)]))
    try writer.finish()
    let file = try #require(try folder.files().first { $0.hasPrefix("Annotations/") })
    let document = try XMLDocument(data: Data(folder.text(file).utf8))
    let label = try document.nodes(forXPath: "/annotation/object/name").first?.stringValue
    let expected = text.unicodeScalars.map { scalar in
      "\t\u{85}".unicodeScalars.contains(scalar) || scalar.value >= 0x20 && scalar.value < 0xFFFE
        || scalar.value > 0xFFFF
        ? scalar : "\u{FFFD}"
    }
    #expect(label.map { Array($0.unicodeScalars) } == expected)
  }

  @Test(arguments: ["a:b", "a\nb", "#a", "a\rb", "a:\u{301}b", "#\u{301}a", "a\n\u{301}b", "a\r\nb"])
  func refusesLabelsThatTheMapCannotHold(label: String) throws {
    let folder = try ScratchFolder()
    #expect(throws: AnnotationError.self) { _ = try VOCWriter(to: .folder(folder.path), labels: ["cat", label]) }
    #expect(try folder.files().isEmpty)
  }

  @Test(arguments: [
    "a\nb.jpg", "#a.jpg", "#\u{301}a.jpg", "../a.jpg", "../\u{301}a.jpg", "/a.jpg", "a//b.jpg", "a/./b.jpg",
    "a\u{00}.jpg",
  ])
  func refusesNamesThatTheFolderCannotHold(name: String) throws {
    let folder = try ScratchFolder()
    var writer = try VOCWriter(to: .folder(folder.path), labels: ["cat"])
    let image = try Samples.image(name)
    do {
      try writer.write(image)
      Issue.record("\(name) was written")
    } catch {
      #expect(error.description.hasPrefix(name))
    }
    try writer.finish()
    #expect(try folder.files() == ["ImageSets/Main/default.txt", "labelmap.txt"])
    #expect(try folder.text("ImageSets/Main/default.txt").isEmpty)
  }

  @Test func aFolderInTheWayOfOneFileRefusesThatPictureAndWritesNothingOfIt() throws {
    let folder = try ScratchFolder()
    try folder.write(to: "SegmentationObject/a.png/taken")
    var writer = try VOCWriter(to: .folder(folder.path), labels: ["person", "cat"])
    let masked = try Samples.masked("a.jpg")
    let reason = "cannot write SegmentationObject/a.png in the output folder: Is a directory"
    #expect(throws: AnnotationError.invalidImage("a.jpg: \(reason)")) { try writer.write(masked) }
    #expect(try folder.files().filter { $0.contains("/a") } == ["SegmentationObject/a.png/taken"])
    try writer.write(Samples.masked("b.jpg"))
    try writer.finish()
    #expect(try folder.text("ImageSets/Main/default.txt") == "b\n")
    #expect(try folder.text("ImageSets/Segmentation/default.txt") == "b\n")
    #expect(try folder.files().allSatisfy { !$0.hasSuffix(".tmp") })
  }

  @Test func namesBesideTheirFoldersFailAlone() throws {
    let folder = try ScratchFolder()
    var writer = try VOCWriter(to: .folder(folder.path), labels: ["cat"])
    try writer.write(Samples.image("a.png"))
    let inner = try Samples.image("a.xml/b.png")
    #expect(
      throws: AnnotationError.invalidImage(
        "a.xml/b.png: cannot write Annotations/a.xml/b.xml in the output folder: Not a directory")
    ) { try writer.write(inner) }
    let long = try Samples.image(String(repeating: "n", count: 252))
    #expect(throws: AnnotationError.self) { try writer.write(long) }
    try writer.write(Samples.image(String(repeating: "n", count: 251) + ".png"))
    try writer.finish()
    #expect(try folder.text("ImageSets/Main/default.txt") == "a\n\(String(repeating: "n", count: 251))\n")
  }
}
