import Testing

@testable import limn

@Suite struct CurlTests {
  @Test func theAddressIsNoOptionAndNothingOfTheUsersChangesTheOutput() {
    let arguments = Curl.arguments("https://a/b", from: 0)
    #expect(arguments.first == "--disable")
    #expect(arguments.suffix(4) == ["--output", "-", "--url", "https://a/b"])
    #expect(!arguments.contains("--continue-at"))
    #expect(Curl.arguments("https://a/b", from: 7).split(separator: "--continue-at").last?.first == "7")
  }

  @Test(arguments: [("https://a/b", "=https"), ("HTTPS://a/b", "=https"), ("http://a/b", "=http,https")])
  func httpsIsNotLeft(address: String, protocols: String) {
    #expect(Curl.arguments(address, from: 0).split(separator: "--proto").last?.first == protocols)
  }

  @Test(arguments: [
    (18, "curl: (18) transfer closed", Curl.Failure.brokenOff(reason: "transfer closed")),
    (22, "curl: (22) The requested URL returned error: 416", .cannotResume),
    (22, "curl: (22) The requested URL returned error: 503", .failed(reason: "The requested URL returned error: 503")),
    (33, "curl: (33) no ranges", .cannotResume), (6, "a warning\ncurl: (6) no host\n", .failed(reason: "no host")),
    (7, "", .failed(reason: "curl failed with exit code 7")),
  ])
  func whatCurlSaysIsTold(code: Int32, message: String, failure: Curl.Failure) {
    #expect(throws: failure) { try Curl.check(code << 8, message: message) }
  }

  @Test func aSignalIsNoExitCode() throws {
    #expect(throws: Curl.Failure.signalled(2)) { try Curl.check(2, message: "") }
    try Curl.check(0, message: "a warning")
  }
}
