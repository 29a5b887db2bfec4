import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite struct MemoryOutputTests {
  private static let labels = ["person", "cat", "N/A \"1\"", "person"]

  /// Pictures with boxes, masks, circles and nothing, and one that fails.
  private func fill(_ writer: any AnnotationWriter) throws -> [String] {
    var writer = writer
    try writer.write(Samples.masked("sub/a.jpg").labelled(Self.labels))
    try writer.write(Samples.coins("b.jpg").labelled(Self.labels))
    try writer.writeFailure(name: "c.jpg", reason: "c.jpg: broken")
    try writer.write(Samples.image("d.png", [Samples.detection(1.5, 2, 30, 40, classID: 3)]).labelled(Self.labels))
    try writer.write(Samples.image("e.png"))
    let notes = writer.notes
    try writer.finish()
    return notes
  }

  private static let options = [
    FormatOptions(), FormatOptions(segmentation: .polygons, vocBase: .zero, yoloCircles: .polygons),
  ]

  @Test(arguments: AnnotationFormat.allCases, options)
  func everyFormatHasTheBytesThatItHasOnDisk(format: AnnotationFormat, options: FormatOptions) throws {
    let folder = try ScratchFolder()
    let path = folder.path + "/out"
    let memory = MemoryOutput()
    let onDisk = try format.writer(
      to: format.isOneDocument ? .file(path) : .folder(path), labels: Self.labels, options: options)
    let inMemory = try format.writer(to: .memory(memory), labels: Self.labels, options: options)
    #expect(try fill(onDisk) == fill(inMemory))
    if format.isOneDocument {
      #expect(try memory.document == folder.bytes("out"))
      #expect(memory.files.isEmpty && memory.document?.isEmpty == false)
      #expect(try memory.text == folder.text("out"))
    } else {
      #expect(memory.document == nil && memory.text == nil)
      #expect(try memory.files.keys.sorted() == folder.files().map { String($0.dropFirst("out/".count)) })
      for (name, bytes) in memory.files {
        var expected = try folder.bytes("out/" + name)
        if name == "data.yaml" {
          // A folder in memory has no path.
          expected = Array(expected.drop { $0 != UInt8(ascii: "\n") }.dropFirst())
        }
        #expect(bytes == expected, "\(name)")
      }
    }
  }

  @Test(arguments: [AnnotationFormat.json, .coco, .cocoResults])
  func aDocumentIsThereWhenItIsFinished(format: AnnotationFormat) throws {
    let memory = MemoryOutput()
    var writer = try format.writer(to: .memory(memory), labels: ["person"])
    try writer.write(Samples.image([Samples.detection(0, 0, 1, 1)]))
    #expect(memory.document == nil && memory.text == nil)
    try writer.finish()
    let object = try JSONSerialization.jsonObject(with: Data(#require(memory.document)))
    #expect(object is [Any] || object is [String: Any])
  }

  @Test func linesAreThereAsTheyAreMade() throws {
    let memory = MemoryOutput()
    var writer = try JSONLinesWriter(to: .memory(memory))
    #expect(memory.text == nil)
    try writer.write(Samples.image("a.jpg", width: 2, height: 1))
    let first = #"{"image": "a.jpg", "width": 2, "height": 1, "detections": []}"# + "\n"
    #expect(memory.text == first)
    try writer.writeFailure(name: "b.jpg", reason: "broken")
    #expect(memory.text == first + #"{"image": "b.jpg", "error": "broken"}"# + "\n")
    try writer.finish()
    #expect(memory.text?.split(separator: "\n").count == 2)
  }

  @Test func filesOfPicturesAreThereAtOnceAndListsAtTheEnd() throws {
    let memory = MemoryOutput()
    var writer = try VOCWriter(to: .memory(memory), labels: ["person"])
    try writer.write(Samples.image("a.jpg"))
    #expect(memory.files.keys.sorted() == ["Annotations/a.xml", "labelmap.txt"])
    try writer.finish()
    #expect(
      memory.files.keys.sorted() == ["Annotations/a.xml", "ImageSets/Main/default.txt", "labelmap.txt"])
  }

  @Test func aWriterIsAValueWhoseCopiesShareTheOutput() throws {
    let memory = MemoryOutput()
    var writers = [try AnnotationFormat.json.writer(to: .memory(memory), labels: [])]
    try writers[0].write(Samples.image("a.jpg", width: 2, height: 1))
    var copy = writers[0]
    try copy.write(Samples.image("b.jpg", width: 2, height: 1))
    try copy.finish()
    #expect(memory.text?.split(separator: "\n").count == 4)
  }

  @Test func aPictureWhoseNameWouldLeaveTheFolderIsRefusedInMemoryToo() throws {
    let memory = MemoryOutput()
    var writer = try YOLOWriter(to: .memory(memory), labels: ["person"])
    for name in ["../a.jpg", "/a.jpg", "a//b.jpg", "../\u{301}a.jpg"] {
      let image = try Samples.image(name)
      #expect(throws: AnnotationError.self) { try writer.write(image) }
    }
    try writer.finish()
    #expect(memory.files.keys.sorted() == ["classes.txt", "data.yaml"])
  }

  @Test(arguments: AnnotationFormat.allCases)
  func targetsOfTheOtherKindAreRefused(format: AnnotationFormat) throws {
    let folder = try ScratchFolder()
    let targets: [OutputTarget] =
      format.isOneDocument
      ? [.folder(folder.path)] : [.file(folder.path + "/a"), .standardOutput]
    for target in targets {
      #expect(throws: AnnotationError.self) { try format.writer(to: target, labels: ["cat"]) }
    }
    #expect(try folder.files().isEmpty)
  }
}
