import Foundation
import TestSupport
import Testing

@testable import limn

/// The commands without any weights named, on the photograph of the documents.
@Suite(.enabled(if: CommandProcess.path != nil, "no command beside the tests: its process is not tested"))
struct EmbeddedWeightsTests {
  private static let photo =
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Docs/images/cup.jpg").standardized.path

  @Test(arguments: [
    ("detect", "yolov5s", "14.8 MB, AGPL-3.0"), ("segment", "maskrcnn_resnet50_fpn_v2", "185.8 MB, BSD-3-Clause"),
  ])
  func areTheDefaultAndSayWhatTheyKnow(_ command: String, _ official: String, _ size: String) throws {
    let folder = try ScratchFolder()
    let line = #""$0" \#(command) "\#(Self.photo)""#
    let environment = ["LIMN_WEIGHTS": "", "LIMN_CACHE": folder.path]
    let result = try CommandProcess.run(line, environment: environment)
    #expect(result.status == 0)
    #expect(result.output.hasPrefix("[\n{\"image\": \"cup.jpg\", \"width\": "))
    let known =
      "limn: without --weights, the small built-in network knows 6 drawn things only (coin, disc, rectangle, triangle, "
      + "star, ring) and takes other objects for them\n"
    #expect(
      result.errors == known
        + "limn: for people, cars, cups and 77 more everyday objects run `limn weights fetch \(official)` once (\(size)), "
        + "then add --weights \(official)\n")
    // Once they are there, nothing is to be fetched.
    let weights = try #require(OfficialWeights.named(official))
    try folder.write([1], to: weights.fileName)
    #expect(
      try CommandProcess.run(line, environment: environment).errors == known
        + "limn: for people, cars, cups and 77 more everyday objects add --weights \(official)\n")
    #expect(try CommandProcess.run("\(line) --quiet", environment: environment).errors == "")
  }

  @Test func helpBeginsWithThreeLinesToCopy() throws {
    let help = try CommandProcess.run(#""$0" --help"#).output
    let lines = help.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for line in [
      "  limn weights fetch yolov5s", "  limn detect photo.jpg --weights yolov5s --overlay drawn/",
      "  limn detect photos/ --weights yolov5s --format coco --output out.json",
    ] { #expect(lines.contains(line), "\(help)") }
    // They can be copied: `limn` takes them.
    let folder = try ScratchFolder()
    #expect(
      try CommandProcess.run(
        #""$0" detect photo.jpg --weights yolov5s --overlay \#(folder.path)"#, environment: ["LIMN_CACHE": folder.path]
      ).status == 2)
  }
}
