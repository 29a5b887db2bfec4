import Testing

@testable import Networks

@Suite struct WeightFileErrorTests {
  @Test func sentences() {
    #expect(
      WeightFileError.unused(path: "w.pt", keys: ["a"]).description
        == "w.pt has 1 tensor that the network does not use: a")
    let keys = (0..<12).map { "k\($0)" }
    #expect(
      WeightFileError.unused(path: "w.pt", keys: keys).description
        == "w.pt has 12 tensors that the network does not use: k0, k1, k2, k3, k4, k5, k6, k7, k8, k9 and 2 more")
    #expect(
      WeightFileError.unknownModule(path: "w.pt", module: "model.9", className: "models.common.CBAM").description
        == "w.pt: model.9 has the class models.common.CBAM, a layer that is not supported")
  }

  @Test func namesFromAFileCannotDriveATerminal() {
    #expect(printable("a\u{1B}[31m\n板栗") == "a\\u{1B}[31m\\n板栗")
    #expect(printable("\u{202E}") == "\\u{202E}")
    #expect(printable(String(repeating: "x", count: 200)).count == 200)
    #expect(printable(String(repeating: "x", count: 1_000_000)).count == 201)
  }
}
