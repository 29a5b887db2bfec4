import Foundation
import Testing

@testable import limn

/// The commands without any weights named, on the photograph of the documents.
@Suite(.enabled(if: CommandProcess.path != nil, "no command beside the tests: its process is not tested"))
struct EmbeddedWeightsTests {
  private static let photo =
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Docs/images/cup.jpg").standardized.path

  @Test(arguments: [("detect", "limn-yolov5"), ("segment", "limn-maskrcnn")])
  func areTheDefaultAndNamed(_ command: String, _ weights: String) throws {
    let result = try CommandProcess.run(#""$0" \#(command) "\#(Self.photo)""#, environment: ["LIMN_WEIGHTS": ""])
    #expect(result.status == 0)
    #expect(result.output.hasPrefix("[\n{\"image\": \"cup.jpg\", \"width\": "))
    #expect(
      result.errors.contains(
        "weights: the embedded \(weights); other weights: --weights, `limn weights list`\n"))
  }
}
