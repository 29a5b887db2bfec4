import Foundation
import TestSupport
import Testing

@testable import limn

/// The commands about weights, as processes with an environment of their own.
@Suite(.enabled(if: CommandProcess.path != nil, "no command beside the tests: its process is not tested"))
struct WeightsCommandTests {
  private let folder: ScratchFolder
  private let cache: String

  init() throws {
    folder = try ScratchFolder()
    cache = folder.path + "/cache"
    try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
  }

  private func run(
    _ script: String, mirror: String = "", _ more: [String: String] = [:]
  ) throws -> (status: Int32, output: String, errors: String) {
    let environment = ["LIMN_CACHE": cache, "LIMN_WEIGHTS_MIRROR": mirror, "no_proxy": "127.0.0.1", "LIMN_WEIGHTS": ""]
    return try CommandProcess.run(script, in: folder.path, environment: environment.merging(more) { $1 })
  }

  private func leave(_ bytes: [UInt8], as name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/" + name))
  }

  @Test func theListNamesEverythingThatIsKnown() throws {
    try leave([1], as: "cache/yolov5s.pt")
    let result = try run(#""$0" weights list"#)
    #expect(result.status == 0 && result.errors.isEmpty)
    let paragraphs = result.output.split(separator: "\n\n")
    #expect(
      paragraphs.map { $0.prefix { $0 != "\n" } } == [
        "yolov5n", "yolov5s", "yolov5m", "yolov5l", "yolov5x", "maskrcnn_resnet50_fpn", "maskrcnn_resnet50_fpn_v2",
      ])
    #expect(
      try #require(paragraphs.dropFirst().first) == """
        yolov5s
          for: limn detect (YOLOv5, the 80 classes of COCO)
          address: https://github.com/ultralytics/yolov5/releases/download/v7.0/yolov5s.pt
          size: 14808437 bytes
          sha256: 8b3b748c1e592ddd8868022e8732fde20025197328490623cc16c6f24d0782ee
          licence: AGPL-3.0
          in the cache: \(cache)/yolov5s.pt
        """)
    #expect(paragraphs.first?.hasSuffix("  in the cache: no") == true)
  }

  @Test func theListIsJSONOnRequest() throws {
    try leave([1], as: "cache/yolov5s.pt")
    let result = try run(#""$0" weights list --json"#, mirror: "https://mirror.invalid/w/")
    let list = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]])
    #expect(list.compactMap { $0["name"] as? String } == OfficialWeights.all.map(\.name))
    #expect(list[5]["address"] as? String == "https://mirror.invalid/w/maskrcnn_resnet50_fpn_coco-bf2d0c1e.pth")
    #expect(list[5]["command"] as? String == "segment" && list[5]["size"] as? Int == 178_090_079)
    #expect(list[0]["path"] is NSNull)
    #expect(list[1]["path"] as? String == cache + "/yolov5s.pt")
  }

  @Test func aNameThatIsNotKnownIsAnErrorWithThoseThatAre() throws {
    let result = try run(#""$0" weights fetch yolov5z"#)
    #expect(result.status == 2 && result.output.isEmpty)
    #expect(
      result.errors.contains("there are no official weights named \"yolov5z\"; the names are yolov5n, yolov5s, yolov5m")
    )
  }

  @Test func weightsThatWereNotFetchedSayHowToFetchThem() throws {
    for command in ["detect '\(cache)' -w yolov5s", "weights inspect yolov5s", "weights convert yolov5s o.safetensors"]
    {
      let result = try run("\"$0\" " + command)
      #expect(result.status == 2 && result.output.isEmpty)
      #expect(
        result.errors
          == "limn: yolov5s is neither a file nor in \(cache); fetch it with `limn weights fetch yolov5s` from "
          + "https://github.com/ultralytics/yolov5/releases/download/v7.0/yolov5s.pt (14.8 MB, AGPL-3.0)\n")
    }
  }

  @Test func theVariableTakesANameToo() throws {
    let result = try run(#""$0" detect ."#, mirror: "http://127.0.0.1:1/m", ["LIMN_WEIGHTS": "yolov5x"])
    #expect(result.status == 2)
    #expect(result.errors.contains("fetch it with `limn weights fetch yolov5x` from http://127.0.0.1:1/m/yolov5x.pt"))
  }

  @Test func aFolderOfTheNameDoesNot() throws {
    try leave(FetchSamples.weights(), as: "cache/yolov5n.pt")
    try FileManager.default.createDirectory(atPath: folder.path + "/yolov5n", withIntermediateDirectories: false)
    let result = try run(#""$0" weights inspect yolov5n"#)
    #expect(result.status == 0 && result.output.hasPrefix("file: \(cache)/yolov5n.pt\n"))
  }

  @Test func aFileOfTheNameGoesBeforeTheCache() throws {
    try leave(FetchSamples.weights(), as: "cache/yolov5n.pt")
    let cached = try run(#""$0" weights inspect yolov5n"#)
    #expect(cached.status == 0)
    #expect(cached.output.hasPrefix("file: \(cache)/yolov5n.pt\nformat: safetensors\n"))
    try leave(FetchSamples.weights(), as: "yolov5n")
    let local = try run(#""$0" weights inspect yolov5n"#)
    #expect(local.output.hasPrefix("file: yolov5n\nformat: safetensors\n"))
    #expect(
      try run(#""$0" weights inspect ./yolov5s"#).errors == "limn: cannot open ./yolov5s: No such file or directory\n")
  }

  @Test func aMirrorIsAnAddress() throws {
    for command in ["list", "fetch yolov5n"] {
      let result = try run("\"$0\" weights " + command, mirror: "file:///weights")
      #expect(result.status == 2)
      #expect(
        result.errors == "limn: LIMN_WEIGHTS_MIRROR must begin with https:// or http://, got \"file:///weights\"\n")
    }
  }

  @Test(.enabled(if: CommandProcess.has("curl"), "curl is not installed: fetching is not tested"))
  func whatIsNotTheFileIsRefused() throws {
    let server = try LoopbackServer { _ in .init(body: Array("<html>Please log in</html>".utf8)) }
    let result = try run(#""$0" weights fetch yolov5n"#, mirror: server.address)
    #expect(result.status == 2 && result.output.isEmpty)
    #expect(server.requests == ["/yolov5n.pt"])
    #expect(
      result.errors.hasSuffix(
        "expected 4062133 with 4f180cf23ba0717ada0badd6c685026d73d48f184d00fc159c2641284b2ac0a3; "
          + "nothing is kept\n"))
    #expect(try folder.files().isEmpty)
  }

  @Test(.enabled(if: CommandProcess.has("curl"), "curl is not installed: fetching is not tested"))
  func aLimitOnTheSizeOfFilesIsAnErrorThatKeepsThePart() throws {
    let server = try LoopbackServer { _ in .init(body: [UInt8](repeating: 0, count: 4_062_133)) }
    // 100 blocks of 512 bytes, in the shell that POSIX describes.
    let result = try run(#"ulimit -f 100; exec "$0" weights fetch yolov5n --quiet"#, mirror: server.address)
    #expect(result.status == 2 && result.output.isEmpty)
    let part = cache + "/yolov5n.pt.part"
    #expect(result.errors == "limn: cannot write \(part): File too large; the 51200 bytes fetched so far are kept\n")
    #expect(try folder.files() == ["cache/yolov5n.pt.part"])
  }

  @Test(.enabled(if: FullDisk.canBeMade, "no small file system can be mounted: a full disk is not tested"))
  func aFullDiskIsAnErrorAndNothingIsInPlace() throws {
    let server = try LoopbackServer { _ in .init(body: [UInt8](repeating: 0, count: 4_062_133)) }
    let script = FullDisk.script(folder: cache, #""$0" weights fetch yolov5n; code=$?; ls "$1"; exit $code"#)
    let result = try run(script, mirror: server.address)
    #expect(result.status == 2 && result.output == "yolov5n.pt.part\n")
    let part = cache + "/yolov5n.pt.part"
    #expect(
      result.errors.hasSuffix(
        "limn: cannot write \(part): No space left on device; the \(FullDisk.size) bytes fetched so far are kept\n"))
  }

  @Test(
    .enabled(if: CommandProcess.has("curl"), "curl is not installed: fetching is not tested"),
    arguments: [SIGINT, SIGTERM])
  func aSignalEndsTheTransferAndKeepsThePart(number: Int32) throws {
    let half = [UInt8](repeating: 0, count: 2_000_000)
    let server = try LoopbackServer { _ in
      var answer = LoopbackServer.Answer(body: half, length: 4_062_133)
      answer.isHeld = true
      return answer
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(CommandProcess.path))
    process.arguments = ["weights", "fetch", "yolov5n", "--quiet"]
    process.environment = ["PATH": "/usr/bin:/bin", "LIMN_CACHE": cache, "LIMN_WEIGHTS_MIRROR": server.address]
    try process.runWithSignals()
    let part = cache + "/yolov5n.pt.part"
    func size() -> Int? { (try? FileManager.default.attributesOfItem(atPath: part))?[.size] as? Int }
    func wait(until condition: () -> Bool) {
      let deadline = Date(timeIntervalSinceNow: 30)
      while !condition(), Date() < deadline { usleep(10_000) }
    }
    wait { size() == half.count || !process.isRunning }
    kill(process.processIdentifier, number)
    wait { !process.isRunning }
    #expect(!process.isRunning)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == number)
    #expect(size() == half.count)
    wait { server.requests.count == 2 }
    #expect(server.requests == ["/yolov5n.pt", "the client has left"])
    #expect(try folder.files() == ["cache/yolov5n.pt.part"])
  }
}
