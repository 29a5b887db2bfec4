import Annotate
import Foundation
import TestSupport
import Testing

@testable import limn

@Suite(.enabled(if: SharedData.folder != nil, "no test data: detection on photographs is skipped"))
struct DetectTests {
  private let folder: ScratchFolder
  private let photo: String
  private let weights: String

  init() throws {
    folder = try ScratchFolder()
    let data = try #require(SharedData.folder)
    photo = data + "/images/photos/bus.jpg"
    weights = data + "/weights/yolov5n.pt"
  }

  @Test func aPhotographBecomesBoxes() async throws {
    let output = folder.path + "/out.json"
    #expect(
      await Limn.run(["detect", photo, "-w", weights, "-o", output, "--overlay", folder.path + "/drawn"]) == .status(0))
    let document = try JSONSerialization.jsonObject(with: Data(folder.text("out.json").utf8)) as? [[String: Any]]
    let detections = try #require(document?.first?["detections"] as? [[String: Any]])
    #expect(detections.map { $0["label"] as? String } == ["person", "person", "person", "person", "bus"])
    let drawn = try ImageFile.decode(path: folder.path + "/drawn/bus.jpg")
    #expect(drawn.width == 810 && drawn.height == 1080)
    #expect(try drawn != ImageFile.decode(path: photo))
    #expect(try folder.files() == ["drawn/bus.jpg", "out.json"])
  }

  @Test func fastDecodingMovesBoxesALittle() async throws {
    func boxes(_ extra: String...) async throws -> [[Double]] {
      let arguments = ["detect", photo, "-w", weights, "--size", "512", "-o", folder.path + "/out.json"]
      #expect(await Limn.run(arguments + extra) == .status(0))
      let document = try JSONSerialization.jsonObject(with: Data(folder.text("out.json").utf8)) as? [[String: Any]]
      #expect(document?.first?["width"] as? Int == 810 && document?.first?["height"] as? Int == 1080)
      return (document?.first?["detections"] as? [[String: Any]] ?? []).compactMap { $0["box"] as? [Double] }
    }
    let whole = try await boxes()
    let reduced = try await boxes("--fast-decode")
    #expect(whole != reduced, "the picture was decoded whole")
    #expect(whole.count == 4)
    for box in whole {
      let distances = reduced.map { other in zip(box, other).map { abs($0 - $1) }.max() ?? 0 }
      #expect(distances.min() ?? .infinity < 20)
    }
  }

  @Test func aDamagedImageFailsAloneAndExitsWithOne() async throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: photo))
    try bytes.prefix(20_000).write(to: URL(fileURLWithPath: folder.path + "/cut.jpg"))
    try Data().write(to: URL(fileURLWithPath: folder.path + "/empty.png"))
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/whole.jpg", withDestinationPath: photo)
    let output = folder.path + "/out.jsonl"
    #expect(await Limn.run(["detect", folder.path, "-w", weights, "-f", "jsonl", "-o", output]) == .status(1))
    let lines = try folder.text("out.jsonl").split(separator: "\n")
    #expect(lines.map { $0.contains("\"error\"") } == [true, true, false])
  }

  @Test func weightsThatCannotBeUsedExitWithTwoAndWriteNothing() async throws {
    let unsupported = try #require(SharedData.folder) + "/weights/unsupported"
    for name in try FileManager.default.contentsOfDirectory(atPath: unsupported) + ["../../README.md"] {
      let arguments = ["detect", photo, "-w", unsupported + "/" + name, "-o", folder.path + "/out.json"]
      #expect(await Limn.run(arguments) == .status(2))
    }
    #expect(
      await Limn.run(["detect", photo, "-w", weights, "--classes", "prson", "-o", folder.path + "/o"]) == .status(2))
    #expect(try folder.files().isEmpty)
  }

  @Test(
    .enabled(
      if: CommandProcess.path != nil && CommandProcess.has("curl"),
      "no command beside the tests, or no curl: the official weights are not fetched"))
  func officialWeightsAreFetchedOnceAndFoundByName() throws {
    let official = Array(try Data(contentsOf: URL(fileURLWithPath: weights)))
    let server = try LoopbackServer { request in
      request.start == nil
        ? .init(body: Array(official[..<3_000_000]), length: official.count) : .init(request, of: official)
    }
    let environment = [
      "LIMN_CACHE": folder.path + "/c", "LIMN_WEIGHTS_MIRROR": server.address, "no_proxy": "127.0.0.1",
    ]
    let script = #"""
      "$0" weights fetch yolov5n && "$0" weights fetch yolov5n --quiet && "$0" weights convert yolov5n a.safetensors &&
        "$0" detect bus.jpg -w yolov5n -f jsonl
      """#
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/bus.jpg", withDestinationPath: photo)
    let result = try CommandProcess.run(script, in: folder.path, environment: environment)
    #expect(result.status == 0)
    let lines = result.output.split(separator: "\n")
    #expect(lines.prefix(2) == ["\(folder.path)/c/yolov5n.pt", "\(folder.path)/c/yolov5n.pt"])
    #expect(lines.last?.contains("\"label\": \"bus\"") == true)
    #expect(server.requests == ["/yolov5n.pt", "/yolov5n.pt from 3000000"])
    #expect(try folder.files() == ["a.safetensors", "bus.jpg", "c/yolov5n.pt"])
  }
}
