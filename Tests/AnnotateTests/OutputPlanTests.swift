import Foundation
import TestSupport
import Testing

@testable import Annotate

/// A job's outputs against its inputs, protected files and each other.
@Suite struct OutputPlanTests {
  private let folder: ScratchFolder

  init() throws {
    folder = try ScratchFolder()
    for name in ["in/1.jpg", "in/2.jpg", "in/sub/1.jpg"] { try folder.write(to: name) }
  }

  private func path(_ name: String) -> String { folder.path + "/" + name }

  /// The sentence with which a job over the paths is refused, without the scratch folder; nil where it is taken.
  private func conflict(
    _ outputs: [AnnotationJob.Output], overlay: String? = nil, over inputs: [String] = ["in"],
    protecting protected: [(String, String)] = []
  ) throws -> String? {
    var job = AnnotationJob(outputs: outputs, overlay: overlay.map(path))
    job.protectedFiles = protected.map { .init(path: path($0.0), role: $0.1) }
    let list = try InputList(inputs.map(path), excluding: job.pictureFolders)
    do {
      try job.validate(against: list)
      return nil
    } catch {
      guard case .conflict(let sentence) = error else { return "another error: \(error)" }
      return sentence.replacing(folder.path + "/", with: "")
    }
  }

  private func voc(_ name: String) -> AnnotationJob.Output { .init(.voc, to: .folder(path(name))) }
  private func yolo(_ name: String) -> AnnotationJob.Output { .init(.yolo, to: .folder(path(name))) }
  private func json(_ name: String) -> AnnotationJob.Output { .init(.json, to: .file(path(name))) }

  @Test func masksAndOverlaysDoNotReplaceOneAnother() throws {
    let sentence = "a folder of masks and the overlay folder would both be "
    #expect(try conflict([voc("d")], overlay: "d/SegmentationClass") == sentence + "d/SegmentationClass")
    #expect(try conflict([voc("d")], overlay: "d/SegmentationObject/.") == sentence + "d/SegmentationObject/.")
    #expect(try conflict([voc("d")], overlay: "d/x/../SegmentationClass/") == sentence + "d/x/../SegmentationClass/")
    #expect(try conflict([voc("d")], overlay: "d/drawn") == nil)
    #expect(try conflict([voc("d")], overlay: "d") == nil)
    #expect(try conflict([yolo("d")], overlay: "d/SegmentationClass") == nil)
    // Below a folder of masks, only files are compared.
    for name in ["pngs/photo.png", "pngs/sub/photo.png"] { try folder.write(to: name) }
    #expect(
      try conflict([voc("d")], overlay: "d/SegmentationClass/sub", over: ["pngs"])
        == "the overlay of pngs/photo.png and the annotations of pngs/sub/photo.png would both be "
        + "d/SegmentationClass/sub/photo.png")
  }

  @Test func foldersThatLinksMakeOneAreOne() throws {
    try FileManager.default.createDirectory(atPath: path("d"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(atPath: path("link"), withDestinationPath: "d")
    #expect(
      try conflict([voc("d")], overlay: "link/SegmentationClass")
        == "a folder of masks and the overlay folder would both be link/SegmentationClass")
    #expect(
      try conflict([json("d/a.json"), json("link/./a.json")])
        == "the output of format json and the output of format json would both be link/./a.json")
  }

  @Test func aDocumentInTheOverlayFolderMayNotHaveTheNameOfAnOverlay() throws {
    #expect(
      try conflict([json("ov/1.jpg")], overlay: "ov")
        == "the output of format json and the overlay of in/1.jpg would both be ov/1.jpg")
    #expect(
      try conflict([json("ov/sub/./new/../1.jpg")], overlay: "ov")
        == "the output of format json and the overlay of in/sub/1.jpg would both be ov/sub/1.jpg")
    #expect(try conflict([json("ov/c.json")], overlay: "ov") == nil)
    #expect(
      try conflict([json("ov")], overlay: "ov") == "the output of format json and the overlay folder would both be ov")
  }

  @Test func severalOutputsDoNotReplaceOneAnother() throws {
    #expect(
      try conflict([json("a"), .init(.coco, to: .file(path("./a")))])
        == "the output of format json and the output of format coco would both be ./a")
    #expect(
      try conflict([voc("d"), voc("d/../d")])
        == "the output of format voc and the output of format voc would both be d/../d/labelmap.txt")
    // The tables and folders of the two formats have different names.
    #expect(try conflict([voc("d"), yolo("d"), json("d/a.json")]) == nil)
    #expect(
      try conflict([yolo("d"), json("d/data.yaml")])
        == "the output of format yolo and the output of format json would both be d/data.yaml")
    #expect(
      try conflict([yolo("d"), json("d/labels/1.txt")])
        == "the output of format json and the annotations of in/1.jpg would both be d/labels/1.txt")
    let memory = MemoryOutput()
    #expect(try conflict([.init(.json, to: .memory(memory)), .init(.yolo, to: .memory(memory)), json("a")]) == nil)
  }

  @Test func devicesAndPipesTakeSeveralOutputs() throws {
    let null = AnnotationJob.Output(.json, to: .file("/dev/null"))
    #expect(try conflict([null, null]) == nil)
  }

  @Test func twoPicturesOfOneStemAreTheWritersToRefuse() throws {
    try folder.write(to: "in/1.png")
    #expect(try conflict([yolo("d")]) == nil)
    #expect(try conflict([voc("d")], overlay: "ov") == nil)
  }

  @Test func protectedFilesAreNotReplaced() throws {
    try folder.write(to: "list.txt")
    try FileManager.default.linkItem(atPath: path("list.txt"), toPath: path("hard.txt"))
    for name in ["list.txt", "in/../list.txt", "hard.txt"] {
      #expect(
        try conflict([json(name)], protecting: [("w.pt", "the weight file"), ("list.txt", "the list of images")])
          == "the output of format json, \(name), would replace the list of images")
    }
    try folder.write(to: "labels/1.txt")
    #expect(
      try conflict([yolo(".")], protecting: [("labels/1.txt", "the file of ids")])
        == "the annotations of in/1.jpg, ./labels/1.txt, would replace the file of ids")
    #expect(try conflict([json("list.txt")], protecting: [("none", "the weight file")]) == nil)
  }

  @Test func namesThatDifferInBytesAreTwo() throws {
    try folder.write(to: "same/é.jpg")
    try folder.write(to: "same/e\u{301}.jpg")
    #expect(try conflict([yolo("d"), voc("d")], overlay: "ov", over: ["same"]) == nil)
  }
}
