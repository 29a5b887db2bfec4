import Foundation
import TestSupport
import Testing

@testable import limn

/// `limn weights quantize` and the precisions of `detect`, as processes.
@Suite(.enabled(if: CommandProcess.path != nil, "no command beside the tests: its process is not tested"))
struct QuantizeTests {
  private let folder: ScratchFolder
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let weights = root.appending(path: "Weights/limn-yolov5.safetensors").path
  private static let picture = root.appending(path: "Tests/AnnotateTests/Fixtures/embedded/coins.png").path

  init() throws { folder = try ScratchFolder() }

  private func run(
    _ script: String, _ more: [String: String] = [:]
  ) throws -> (status: Int32, output: String, errors: String) {
    let environment = ["LIMN_WEIGHTS": "", "W": Self.weights, "P": Self.picture]
    return try CommandProcess.run(script, in: folder.path, environment: environment.merging(more) { $1 })
  }

  @Test func calibratesAndDetects() throws {
    let made = try run(#""$0" weights quantize "$W" --images "$P" q.safetensors"#)
    #expect(made.status == 0 && made.output.isEmpty)
    #expect(made.errors == "limn: calibrated on 1 of 1 images\n")
    for precision in ["float32", "int8"] {
      let found = try run(#""$0" detect "$P" -w q.safetensors --precision \#(precision) -f json --quiet"#)
      #expect(found.status == 0 && found.output.contains("\"coin\""), "\(precision): \(found.errors)")
    }
  }

  @Test func int8NeedsACalibration() throws {
    let result = try run(#""$0" detect "$P" --precision int8"#)
    #expect(result.status == 2 && result.output.isEmpty)
    #expect(result.errors.contains("`limn weights quantize`"))
  }

  @Test func anotherNetworkGetsAdvice() throws {
    let mask = Self.root.appending(path: "Weights/limn-maskrcnn.safetensors").path
    let found = try run(#""$0" detect "$P" -w "$M""#, ["M": mask])
    #expect(found.status == 2 && found.errors == "limn: \(mask) has a Mask R-CNN, not a YOLOv5; use `limn segment`\n")
    let segmented = try run(#""$0" segment "$P" -w "$W""#)
    #expect(segmented.errors == "limn: \(Self.weights) has a YOLOv5, not a Mask R-CNN; use `limn detect`\n")
    let quantized = try run(#""$0" weights quantize "$M" --images "$P" q.safetensors"#, ["M": mask])
    #expect(quantized.status == 2)
    #expect(quantized.errors == "limn: \(mask) has a Mask R-CNN, not a YOLOv5, and there is no int8 for it\n")
  }

  @Test func bfloat16NeedsItsLevel() throws {
    let result = try run(#""$0" detect "$P" --precision bfloat16"#, ["LIMN_LEVEL": "baseline"])
    #expect(result.status == 2 && result.output.isEmpty)
    #expect(result.errors.contains("bfloat16 needs the level avx512dot"))
  }

  @Test func maskRCNNHasNoInt8() throws {
    let result = try run(#""$0" segment "$P" --precision int8"#)
    #expect(result.status == 2 && result.output.isEmpty && result.errors.contains("not in int8"))
  }

  @Test func nothingIsWrittenWithoutAnImage() throws {
    try Data("no image".utf8).write(to: URL(fileURLWithPath: folder.path + "/bad.png"))
    for images in ["bad.png", "missing.png"] {
      let result = try run(#""$0" weights quantize "$W" --images \#(images) q.safetensors"#)
      #expect(result.status == 2 && result.output.isEmpty)
      #expect(result.errors.contains("nothing is written"), "\(result.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/q.safetensors"))
  }

  @Test(arguments: [
    #""$0" weights quantize "$W" --images "$P" q.bin"#,
    #""$0" weights quantize "$W" --images "$P" --limit 0 q.safetensors"#,
    #""$0" weights quantize "$W" --images "$P" --size 100 q.safetensors"#, #""$0" weights quantize "$W" q.safetensors"#,
    #"cp "$W" q.safetensors && "$0" weights quantize q.safetensors --images "$P" q.safetensors"#,
    #""$0" weights quantize "$P" --images "$P" q2.safetensors"#,
  ])
  func isRefused(_ script: String) throws {
    let result = try run(script)
    #expect(result.status == 2 && result.output.isEmpty && !result.errors.isEmpty)
  }

  @Test func noImageIsReplaced() throws {
    let made = try run(
      #"cp "$P" img.safetensors && "$0" weights quantize "$W" --images img.safetensors img.safetensors"#)
    #expect(made.status == 2 && made.output.isEmpty && !made.errors.isEmpty)
    #expect(try folder.bytes("img.safetensors") == Array(Data(contentsOf: URL(fileURLWithPath: Self.picture))))
    let linked = try run(
      #"mkdir in && cp "$P" in/1.png && ln -s in/1.png q.safetensors && "$0" weights quantize "$W" --images in q.safetensors"#
    )
    #expect(linked.status == 2 && linked.output.isEmpty && !linked.errors.isEmpty)
    #expect(try folder.bytes("in/1.png") == Array(Data(contentsOf: URL(fileURLWithPath: Self.picture))))
  }
}
