import Annotate
import Dispatch
import Foundation
import TestSupport
import Testing

@testable import limn

/// Transfers from a server on loopback, good and bad.
@Suite(.enabled(if: CommandProcess.has("curl"), "curl is not installed: fetching is not tested"))
struct WeightFetchTests {
  private let folder: ScratchFolder
  private let content = FetchSamples.weights()

  init() throws { folder = try ScratchFolder() }

  /// A fetch of the content, or of bytes that are taken for it, under the name `w.safetensors`.
  private func fetch(
    _ server: LoopbackServer, sha256: String? = nil, network: Architecture = .yolov5
  ) -> WeightFetch {
    let weights = OfficialWeights(
      name: "w", architecture: network, address: server.address + "/a/w.safetensors", size: content.count,
      sha256: sha256 ?? FetchSamples.digest(content), licence: "MIT")
    var fetch = WeightFetch(weights: weights, cache: WeightCache(folder: folder.path + "/cache"))
    fetch.curl.environment = []
    return fetch
  }

  private func run(_ fetch: WeightFetch, _ log: Log = Log()) throws -> String {
    var reporter = TransferReporter(isTerminal: false) { log.append($0) }
    return try fetch.run(reporter: &reporter)
  }

  /// The sentence of the fetch's failure.
  private func failure(_ fetch: WeightFetch, _ log: Log = Log()) throws -> String {
    let error = #expect(throws: CommandError.self) { try run(fetch, log) }
    return try #require(error).description
  }

  private func leave(_ bytes: [UInt8], as name: String) throws {
    try FileManager.default.createDirectory(atPath: folder.path + "/cache", withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/cache/" + name))
  }

  private func bytes(of name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: folder.path + "/cache/" + name)))
  }

  @Test func aFileIsPutIntoPlaceOnce() throws {
    let server = try LoopbackServer { [content] in .init($0, of: content) }
    let log = Log()
    #expect(try run(fetch(server), log) == folder.path + "/cache/w.safetensors")
    #expect(try run(fetch(server), log) == folder.path + "/cache/w.safetensors")
    #expect(try bytes(of: "w.safetensors") == content)
    #expect(try folder.files() == ["cache/w.safetensors"])
    #expect(server.requests == ["/a/w.safetensors"])
    #expect(
      log.all == [
        "limn: fetching \(content.count) bytes from \(server.address)/a/w.safetensors; licence: MIT\n",
        "limn: w is already in the cache, with the right SHA-256\n",
      ])
  }

  @Test func theFirstDigitsOfAHashAreEnough() throws {
    let server = try LoopbackServer { [content] in .init($0, of: content) }
    _ = try run(fetch(server, sha256: String(FetchSamples.digest(content).prefix(8))))
    #expect(try folder.files() == ["cache/w.safetensors"])
  }

  @Test func aConnectionThatBreaksOffIsResumed() throws {
    let server = try LoopbackServer { [content] request in
      guard request.start == nil else { return .init(request, of: content) }
      return .init(body: Array(content[..<70_000]), length: content.count)
    }
    let log = Log()
    _ = try run(fetch(server), log)
    #expect(try bytes(of: "w.safetensors") == content)
    #expect(server.requests == ["/a/w.safetensors", "/a/w.safetensors from 70000"])
    #expect(log.all.last == "limn: the connection broke off at 70000 of \(content.count) bytes; resuming\n")
  }

  @Test func whatABrokenTransferBroughtIsResumedByTheNextRun() throws {
    let broken = try LoopbackServer { [content] request in
      guard let start = request.start else { return .init(body: Array(content[..<50_000]), length: content.count) }
      let range = "Content-Range: bytes \(start)-\(content.count - 1)/\(content.count)"
      return .init("206 Partial Content", [range], length: content.count - start)
    }
    let sentence = try failure(fetch(broken))
    #expect(broken.requests == ["/a/w.safetensors", "/a/w.safetensors from 50000"])
    #expect(sentence.contains("50000 bytes are kept: `limn weights fetch w` resumes there"))
    #expect(try folder.files() == ["cache/w.safetensors.part"])
    #expect(try bytes(of: "w.safetensors.part") == Array(content[..<50_000]))
    let whole = try LoopbackServer { [content] in .init($0, of: content) }
    _ = try run(fetch(whole))
    #expect(whole.requests == ["/a/w.safetensors from 50000"])
    #expect(try bytes(of: "w.safetensors") == content)
    #expect(try folder.files() == ["cache/w.safetensors"])
  }

  @Test func aServerWithoutRangesGivesTheWholeFile() throws {
    try leave(Array(content[..<50_000]), as: "w.safetensors.part")
    let server = try LoopbackServer { [content] _ in .init(body: content) }
    _ = try run(fetch(server))
    #expect(server.requests == ["/a/w.safetensors from 50000", "/a/w.safetensors"])
    #expect(try bytes(of: "w.safetensors") == content)
  }

  @Test func aPartOfAnotherVersionIsNotGluedToThisOne() throws {
    try leave([UInt8](repeating: 7, count: 50_000), as: "w.safetensors.part")
    let server = try LoopbackServer { [content] in .init($0, of: content) }
    let log = Log()
    _ = try run(fetch(server), log)
    #expect(server.requests == ["/a/w.safetensors from 50000", "/a/w.safetensors"])
    #expect(try bytes(of: "w.safetensors") == content)
    #expect(log.all.last?.contains("has changed since an earlier run") == true)
  }

  @Test(arguments: [0, 1])
  func aPartAsLongAsTheFileOrLongerIsCheckedOrThrownAway(excess: Int) throws {
    try leave(content + [UInt8](repeating: 0, count: excess), as: "w.safetensors.part")
    let server = try LoopbackServer { [content] in .init($0, of: content) }
    _ = try run(fetch(server))
    #expect(server.requests.count == excess)
    #expect(try bytes(of: "w.safetensors") == content)
  }

  @Test func aWrongHashIsShownAndNothingIsKept() throws {
    let other = FetchSamples.weights(filler: 9)
    let server = try LoopbackServer { .init($0, of: other) }
    let sentence = try failure(fetch(server))
    #expect(
      sentence == "\(server.address)/a/w.safetensors is not w: it has \(other.count) bytes with the SHA-256 "
        + "\(FetchSamples.digest(other)), expected \(content.count) with \(FetchSamples.digest(content)); "
        + "nothing is kept")
    #expect(try folder.files().isEmpty)
  }

  @Test func aDamagedFileInTheCacheIsReplacedByAGoodOneOnly() throws {
    try leave([1, 2, 3], as: "w.safetensors")
    let bad = try LoopbackServer { _ in .init("500 Internal Server Error") }
    _ = try failure(fetch(bad))
    #expect(try bytes(of: "w.safetensors") == [1, 2, 3])
    let good = try LoopbackServer { [content] in .init($0, of: content) }
    _ = try run(fetch(good))
    #expect(try bytes(of: "w.safetensors") == content)
  }

  @Test(arguments: [-1, 1])
  func aFileOfAnotherSizeIsRefused(difference: Int) throws {
    var other = content + [0]
    other.removeLast(1 - difference)
    // Without a length, so that only the bytes themselves tell.
    let reply = Array("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".utf8) + other
    let server = try LoopbackServer { _ in
      var answer = LoopbackServer.Answer()
      answer.bytes = reply
      return answer
    }
    let sentence = try failure(fetch(server))
    #expect(
      sentence.contains(
        difference > 0 ? "more than the expected \(content.count) bytes" : "\(content.count - 1) bytes with"))
    #expect(try folder.files().isEmpty)
  }

  @Test func whatIsNoSuchNetworkIsNotPutIntoPlace() throws {
    let server = try LoopbackServer { [content] in .init($0, of: content) }
    let sentence = try failure(fetch(server, network: .maskRCNN))
    #expect(sentence.contains(" is not a weight file for `limn segment`: "))
    #expect(sentence.hasSuffix("has a YOLOv5, not a Mask R-CNN"))
    #expect(try folder.files().isEmpty)
  }

  @Test func redirectsAreFollowed() throws {
    let server = try LoopbackServer { [content] request in
      request.target == "/a/w.safetensors" ? .redirect(to: "/b?x=[1]") : .init(request, of: content)
    }
    _ = try run(fetch(server))
    #expect(server.requests == ["/a/w.safetensors", "/b?x=[1]"])
    #expect(try bytes(of: "w.safetensors") == content)
  }

  @Test func redirectsInCirclesEnd() throws {
    let server = try LoopbackServer { _ in .redirect(to: "/a/w.safetensors") }
    let sentence = try failure(fetch(server))
    #expect(
      sentence
        == "cannot fetch \(server.address)/a/w.safetensors: Maximum (10) redirects followed; download it elsewhere and save "
        + "it as \(folder.path)/cache/w.safetensors, or set LIMN_WEIGHTS_MIRROR")
    #expect(server.requests.count == 11)
    #expect(try folder.files().isEmpty)
  }

  @Test func otherProtocolsAreRefused() throws {
    let server = try LoopbackServer { _ in .redirect(to: "file:///etc/passwd") }
    #expect(try failure(fetch(server)).contains("Protocol \"file\" not supported"))
    #expect(try folder.files().isEmpty)
  }

  @Test(.enabled(if: CommandProcess.has("openssl"), "openssl is not installed: redirects from https are not tested"))
  func aRedirectFromHTTPSToHTTPIsRefused() throws {
    let plain = try LoopbackServer { [content] in .init($0, of: content) }
    let secure = try SecureServer(
      folder: folder.path, name: "w.safetensors",
      answer: LoopbackServer.Answer.redirect(to: plain.address + "/w.safetensors").bytes)
    var fetch = fetch(plain)
    fetch.mirror = secure.address
    fetch.curl.environment = ["CURL_CA_BUNDLE=\(secure.certificate)"]
    let sentence = try failure(fetch)
    #expect(sentence.contains("Protocol \"http\" not supported"))
    #expect(plain.requests.isEmpty)
  }

  @Test func anErrorOfTheServerIsNamedAndLeavesNothing() throws {
    let server = try LoopbackServer { _ in .init("404 Not Found", body: Array("no such file".utf8)) }
    let sentence = try failure(fetch(server))
    #expect(sentence.hasPrefix("cannot fetch \(server.address)/a/w.safetensors: "))
    #expect(sentence.contains("returned error: 404; download it elsewhere and save it as "))
    #expect(try folder.files().isEmpty)
  }

  @Test func aServerThatIsNotThereLeavesThePart() throws {
    try leave(Array(content[..<10]), as: "w.safetensors.part")
    let server = try LoopbackServer { _ in .init() }
    var fetch = fetch(server)
    fetch.mirror = "http://127.0.0.1:1"
    #expect(try failure(fetch).contains("10 bytes are kept"))
    #expect(try bytes(of: "w.safetensors.part") == Array(content[..<10]))
  }

  @Test func withoutCurlTheAddressIsSaid() throws {
    let server = try LoopbackServer { _ in .init() }
    var fetch = fetch(server)
    fetch.curl.program = "limn-has-no-such-program"
    let sentence = try failure(fetch)
    #expect(sentence.contains("curl is not installed"))
    #expect(sentence.contains("download \(server.address)/a/w.safetensors with another program and save it as "))
    #expect(sentence.hasSuffix(folder.path + "/cache/w.safetensors"))
    #expect(try folder.files().isEmpty)
  }

  @Test func theProxyOfTheEnvironmentIsAsked() throws {
    let proxy = try LoopbackServer { [content] in .init($0, of: content) }
    var fetch = fetch(proxy)
    fetch.mirror = "http://weights.invalid/m/"
    fetch.curl.environment = ["http_proxy=\(proxy.address)"]
    _ = try run(fetch)
    #expect(proxy.requests == ["http://weights.invalid/m/w.safetensors"])
    #expect(try bytes(of: "w.safetensors") == content)
  }

  @Test func twoFetchesAtOnceAreOneTransfer() async throws {
    let waits = DispatchSemaphore(value: 0)
    let server = try LoopbackServer { [content] request in
      // The second fetch waits for the first before this is answered.
      waits.wait()
      return .init(request, of: content)
    }
    let fetch = fetch(server)
    let paths = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<2 {
        group.addTask {
          try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
              var reporter = TransferReporter(isTerminal: false) { note in
                if note.contains("another process") { waits.signal() }
              }
              continuation.resume(with: Result { try fetch.run(reporter: &reporter) })
            }
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(paths == [folder.path + "/cache/w.safetensors", folder.path + "/cache/w.safetensors"])
    #expect(server.requests.count == 1)
    #expect(try folder.files() == ["cache/w.safetensors"])
    #expect(try bytes(of: "w.safetensors") == content)
  }

  @Test func whatIsNoFileIsNotWrittenTo() throws {
    let server = try LoopbackServer { [content] in .init($0, of: content) }
    try leave([], as: "keep")
    mkfifo(folder.path + "/cache/w.safetensors.part", 0o666)
    #expect(try failure(fetch(server)).contains("it exists and is not a regular file"))
    #expect(server.requests.isEmpty)
  }
}
