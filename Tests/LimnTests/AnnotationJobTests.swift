import Annotate
import Foundation
import Testing

@testable import limn

@Suite struct AnnotationJobTests {
  private let folder: ScratchFolder
  private let inputs: InputList

  init() throws {
    folder = try ScratchFolder()
    for name in ["in/1.jpg", "in/a/2.jpg", "in/a/bad.png"] {
      let path = folder.path + "/" + name
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try Data().write(to: URL(fileURLWithPath: path))
    }
    inputs = try InputList([folder.path + "/in"])
  }

  private func run(_ job: AnnotationJob) async throws -> Pipeline<FakeDetector>.Outcome {
    var reporter = Fakes.reporter()
    return try await job.run(
      inputs, detector: FakeDetector(), options: .init(), decode: Fakes.decode, reporter: &reporter)
  }

  @Test(arguments: [
    (AnnotationFormat.json, ["out"]), (.jsonl, ["out"]), (.coco, ["out"]), (.cocoResults, ["out"]),
    (.voc, ["out/Annotations/1.xml", "out/Annotations/a/2.xml", "out/ImageSets/Main/default.txt", "out/labelmap.txt"]),
    (.yolo, ["out/classes.txt", "out/data.yaml", "out/labels/1.txt", "out/labels/a/2.txt"]),
  ])
  func everyFormatWritesItsFiles(format: AnnotationFormat, files: [String]) async throws {
    let outcome = try await run(AnnotationJob(format: format, output: folder.path + "/out"))
    #expect(outcome == .init(writtenCount: 2, failureCount: 1, isComplete: true))
    #expect(try folder.files().filter { !$0.hasPrefix("in/") } == files)
  }

  @Test func namesAreRelativeToTheFolder() async throws {
    _ = try await run(AnnotationJob(format: .jsonl, output: folder.path + "/out"))
    let lines = try folder.text("out").split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[1].hasPrefix(#"{"image": "a/2.jpg", "width": 2, "height": 1, "#))
    #expect(lines[2] == #"{"image": "a/bad.png", "error": "\#(folder.path)/in/a/bad.png: no number"}"#)
  }

  @Test func aFileAnImageNeedsAFolder() throws {
    for format in [AnnotationFormat.voc, .yolo] {
      #expect(throws: CommandError.self) { try AnnotationJob(format: format).validate() }
      try AnnotationJob(format: format, output: folder.path).validate()
    }
    for format in [AnnotationFormat.json, .jsonl, .coco, .cocoResults] {
      try AnnotationJob(format: format).validate()
      #expect(throws: CommandError.self) { try AnnotationJob(format: format, output: folder.path).validate() }
    }
  }

  @Test func anOutputNeverReplacesAnInput() throws {
    #expect(throws: CommandError.self) {
      try AnnotationJob(output: folder.path + "/in/a/../1.jpg").validate(against: inputs)
    }
    #expect(throws: CommandError.self) { try AnnotationJob(overlay: folder.path + "/in/.").validate(against: inputs) }
    try AnnotationJob(output: folder.path + "/in/new.json", overlay: folder.path + "/in/a").validate(against: inputs)
  }

  @Test func noFileOfAFormatReplacesAnInput() throws {
    for path in ["out/labels/1.txt", "out/Annotations/1.xml", "out/classes.txt", "out/labelmap.txt"] {
      let full = folder.path + "/" + path
      try FileManager.default.createDirectory(
        atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try Data().write(to: URL(fileURLWithPath: full))
    }
    func refusal(_ format: AnnotationFormat, _ inputs: [String], labels: String? = nil) throws -> String? {
      do {
        try AnnotationJob(format: format, output: folder.path + "/out").validate(
          against: InputList(inputs.map { folder.path + "/" + $0 }), labels: labels.map { folder.path + "/" + $0 })
        return nil
      } catch let error as CommandError {
        return error.description.replacing(folder.path + "/", with: "")
      }
    }
    #expect(
      try refusal(.yolo, ["out/labels/1.txt"])
        == "the annotations of out/labels/1.txt would replace out/labels/1.txt, which is one of the images")
    #expect(
      try refusal(.voc, ["out/Annotations/1.xml"])
        == "the annotations of out/Annotations/1.xml would replace out/Annotations/1.xml, which is one of the images")
    #expect(
      try refusal(.yolo, ["in/1.jpg"], labels: "out/classes.txt")
        == "format yolo would replace out/classes.txt, which is the file of labels")
    #expect(
      try refusal(.voc, ["in/1.jpg"], labels: "out/labelmap.txt")
        == "format voc would replace out/labelmap.txt, which is the file of labels")
    #expect(try refusal(.voc, ["in/1.jpg"], labels: "out/classes.txt") == nil)
  }

  @Test func anOverlayNeverReplacesAnyInput() throws {
    let images = try InputList([folder.path + "/in/1.jpg", folder.path + "/in/a/2.jpg"])
    try AnnotationJob(overlay: folder.path + "/in/a").validate(against: images)
    try Data().write(to: URL(fileURLWithPath: folder.path + "/in/a/1.jpg"))
    try AnnotationJob(overlay: folder.path + "/in/a").validate(against: images)
    let both = try InputList([folder.path + "/in/1.jpg", folder.path + "/in/a/1.jpg"])
    let error = #expect(throws: CommandError.self) {
      try AnnotationJob(overlay: folder.path + "/in/a").validate(against: both)
    }
    let photo = folder.path + "/in/a/1.jpg"
    #expect(
      error?.description
        == "the overlay of \(folder.path)/in/1.jpg would replace \(photo), which is one of the images")
  }

  @Test func overlaysOfTwoImagesNeverShareAFile() throws {
    for name in ["photo", "photo.jpg"] { try Data().write(to: URL(fileURLWithPath: folder.path + "/" + name)) }
    let images = try InputList([folder.path + "/photo", folder.path + "/photo.jpg"])
    #expect(throws: CommandError.self) {
      try AnnotationJob(overlay: folder.path + "/drawn").validate(against: images)
    }
    try AnnotationJob().validate(against: images)
  }

  @Test func masksOfVOCNeverReplaceAnInput() throws {
    let masks = folder.path + "/voc/SegmentationClass"
    try FileManager.default.createDirectory(atPath: masks, withIntermediateDirectories: true)
    try Data().write(to: URL(fileURLWithPath: masks + "/1.png"))
    let images = try InputList([masks + "/1.png"])
    #expect(throws: CommandError.self) {
      try AnnotationJob(format: .voc, output: folder.path + "/voc").validate(against: images)
    }
    try AnnotationJob(format: .voc, output: folder.path + "/other").validate(against: images)
  }

  @Test func anOutputNeverReplacesTheWeights() throws {
    let weights = folder.path + "/w.png"
    try Data().write(to: URL(fileURLWithPath: weights))
    let link = folder.path + "/out.json"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: weights)
    for job in [AnnotationJob(output: weights), AnnotationJob(output: link)] {
      let error = #expect(throws: CommandError.self) { try job.validate(against: inputs, weights: weights) }
      #expect(error?.description.hasSuffix("which is the weight file") == true)
    }
    try AnnotationJob(output: link).validate(against: inputs, weights: folder.path + "/other")
    let images = try InputList([folder.path + "/in/1.jpg"])
    try FileManager.default.moveItem(atPath: weights, toPath: folder.path + "/1.jpg")
    #expect(throws: CommandError.self) {
      try AnnotationJob(overlay: folder.path).validate(against: images, weights: folder.path + "/1.jpg")
    }
  }

  @Test func emptyPathsAndFilesInPlaceOfFoldersAreRefused() {
    let file = folder.path + "/in/1.jpg"
    for format in AnnotationFormat.allCases {
      #expect(throws: CommandError("--output is empty")) { try AnnotationJob(format: format, output: "").validate() }
    }
    #expect(throws: CommandError("--overlay is empty")) { try AnnotationJob(overlay: "").validate() }
    #expect(throws: CommandError("--overlay \(file) is a file, not a folder")) {
      try AnnotationJob(overlay: file).validate()
    }
    for format in [AnnotationFormat.voc, .yolo] {
      let error = #expect(throws: CommandError.self) { try AnnotationJob(format: format, output: file).validate() }
      #expect(error?.description.hasPrefix("--output \(file) is a file, not a folder") == true)
    }
  }

  @Test func anOverlayThatCannotBeWrittenStopsTheJob() async throws {
    // A folder where the overlay of 1.jpg belongs.
    let taken = folder.path + "/drawn/1.jpg"
    try FileManager.default.createDirectory(atPath: taken, withIntermediateDirectories: true)
    let error = await #expect(throws: CommandError.self) {
      try await run(AnnotationJob(output: folder.path + "/out.json", overlay: folder.path + "/drawn"))
    }
    #expect(error?.description == "cannot write \(taken): Is a directory")
    #expect(try folder.files().allSatisfy { $0.hasPrefix("in/") })
  }

  @Test func whatRemainsOfAFirstFailureIsTold() {
    #expect(AnnotationJob(format: .json).remains == "the document on standard output is cut short")
    #expect(AnnotationJob(format: .jsonl).remains == "the lines before it are written")
    #expect(AnnotationJob(format: .jsonl, output: "a").remains == "a is not written")
    #expect(AnnotationJob(format: .yolo, output: "a").remains == "the images before it are written")
  }

  @Test func anOutputThatCannotBeOpenedStopsTheJob() async throws {
    await #expect(throws: AnnotationError.self) { try await run(AnnotationJob(output: folder.path + "/none/out.json")) }
    await #expect(throws: AnnotationError.self) {
      try await run(AnnotationJob(output: folder.path + "/out.json", overlay: folder.path + "/in/1.jpg"))
    }
    #expect(try folder.files().allSatisfy { $0.hasPrefix("in/") })
  }

  @Test(arguments: [
    ("a.jpg", "a.jpg"), ("a/b.PNG", "a/b.PNG"), ("c.jpeg", "c.jpeg"), ("photo", "photo.jpg"), ("a.webp", "a.webp.jpg"),
  ])
  func overlaysAreJPEGOrPNG(name: String, file: String) {
    #expect(OverlayFolder.fileName(for: name) == file)
  }
}
