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
