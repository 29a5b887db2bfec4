import Datasets
import Scenes
import TestSupport
import Testing

/// What is written behind the end would be lost: every writer refuses it.
@Suite struct FinishedWriterTests {
  private func image(_ name: String) throws -> AnnotatedImage {
    let coin = Detection(box: Box(x1: 1, y1: 1, x2: 5, y2: 5), score: 0.5, classID: 0, label: "coin")
    return try AnnotatedImage(name: name, width: 8, height: 8, detections: [coin])
  }

  private func refusal(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: AnnotationFormat.allCases, [false, true])
  func nothingIsWrittenAfterTheEnd(_ format: AnnotationFormat, inMemory: Bool) throws {
    let folder = try ScratchFolder()
    let memory = MemoryOutput()
    let path = folder.path + "/out"
    let target: OutputTarget = inMemory ? .memory(memory) : format.isOneDocument ? .file(path) : .folder(path)
    var writer = try format.writer(to: target, labels: ["coin"])
    try writer.write(image("one.jpg"))
    try writer.finish()
    let (files, document, inFolder) = (memory.files, memory.document, try folder.files())
    #expect(refusal { try writer.write(image("two.jpg")) }?.contains("it is already complete") == true)
    #expect(refusal { try writer.finish() }?.contains("it is already complete") == true)
    #expect(try memory.files == files && memory.document == document && folder.files() == inFolder)
  }
}
