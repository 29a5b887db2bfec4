import Foundation
import TestSupport
import Testing

@testable import limn

@Suite struct OutputOptionsTests {
  @Test(arguments: ["json", "jsonl", "voc", "yolo"])
  func idsAreOfCOCOAlone(format: String) {
    let error = #expect(throws: (any Error).self) {
      try Limn.parseAsRoot(["detect", "a.jpg", "--ids", "ids.json", "-f", format, "-o", "out"])
    }
    #expect(
      error.map { Limn.message(for: $0) }
        == "--ids is only for the formats coco and coco-results; \(format) has no image ids")
  }

  @Test func idsHaveAName() {
    let error = #expect(throws: (any Error).self) {
      try Limn.parseAsRoot(["detect", "a.jpg", "--ids", "", "-f", "coco"])
    }
    #expect(error.map { Limn.message(for: $0) } == "--ids is empty")
  }

  @Test func aFileOfIDsIsRefusedWithItsPlace() async throws {
    let folder = try ScratchFolder()
    let ids = try folder.write(Array(#"{"images": 1}"#.utf8), to: "ids.json")
    let picture = folder.path + "/none.jpg"
    #expect(await Limn.run(["circles", picture, "--ids", ids, "-f", "coco"]) == .status(2))
  }

  @Test func theFileOfIDsIsNotReplaced() async throws {
    let folder = try ScratchFolder()
    let text = #"{"images": []}"#
    let ids = try folder.write(Array(text.utf8), to: "ids.json")
    try folder.write([], to: "1.png")
    #expect(await Limn.run(["circles", folder.path, "--ids", ids, "-f", "coco", "-o", ids]) == .status(2))
    #expect(try folder.text("ids.json") == text)
  }
}
