import Annotate
import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct VOCWriterTests {
  /// The four numbers of the only box in a picture of 100 by 50.
  private func bounds(_ x1: Float, _ y1: Float, _ x2: Float, _ y2: Float, base: VOCWriter.Base) throws -> [Int] {
    let folder = try ScratchFolder()
    var writer = try VOCWriter(folder: folder.path, labels: ["cat"], base: base)
    try writer.write(Samples.image("a.jpg", width: 100, height: 50, [Samples.detection(x1, y1, x2, y2)]))
    try writer.finish()
    let document = try XMLDocument(data: Data(folder.text("Annotations/a.xml").utf8))
    return try ["xmin", "ymin", "xmax", "ymax"].map { name in
      let node = try #require(document.nodes(forXPath: "/annotation/object/bndbox/\(name)").first)
      return try #require(Int(node.stringValue ?? ""))
    }
  }

  @Test func writesTheFolder() throws {
    let folder = try ScratchFolder()
    var writer = try VOCWriter(folder: folder.path + "/out", labels: ["cat", "R&D", "cat"])
    try writer.write(Samples.image("a/bus.jpg", [Samples.detection(9.5, 10, 40, 30, classID: 1)]))
    try writer.write(Samples.image("b/bus.jpg", width: 1, height: 1))
    try writer.finish()
    #expect(
      try folder.files() == [
        "out/Annotations/a/bus.xml", "out/Annotations/b/bus.xml", "out/ImageSets/Main/default.txt", "out/labelmap.txt",
      ])
    #expect(try folder.text("out/ImageSets/Main/default.txt") == "a/bus\nb/bus\n")
    #expect(try folder.text("out/labelmap.txt") == "# label:color_rgb:parts:actions\ncat:::\nR&D:::\n")
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
    var writer = try VOCWriter(folder: folder.path, labels: [text])
    try writer.write(Samples.image(text + ".jpg", [Samples.detection(0, 0, 1, 1)]))
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

  @Test(arguments: ["a:b", "a\nb", "#a", "a\rb"]) func refusesLabelsThatTheMapCannotHold(label: String) throws {
    let folder = try ScratchFolder()
    #expect(throws: AnnotationError.self) { _ = try VOCWriter(folder: folder.path, labels: ["cat", label]) }
    #expect(try folder.files().isEmpty)
  }

  @Test(arguments: ["a\nb.jpg", "#a.jpg", "../a.jpg", "/a.jpg", "a//b.jpg", "a/./b.jpg", "a\u{00}.jpg"])
  func refusesNamesThatTheFolderCannotHold(name: String) throws {
    let folder = try ScratchFolder()
    var writer = try VOCWriter(folder: folder.path, labels: ["cat"])
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
}
