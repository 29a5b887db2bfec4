import Foundation
import TestSupport
import Testing

@testable import limn

@Suite struct PartFileTests {
  @Test func aLinkInItsPlaceIsNotFollowed() throws {
    let folder = try ScratchFolder()
    let secret = try folder.write(Array("secret".utf8), to: "secret")
    let path = folder.path + "/weights.pt.part"
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: secret)
    do {
      _ = try PartFile(path: path) {}
      Issue.record("the link was followed")
    } catch {
      #expect(error == CommandError("cannot write \(path): it is a link"))
    }
    #expect(try folder.text("secret") == "secret")
  }
}
