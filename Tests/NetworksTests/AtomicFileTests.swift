import Foundation
import Testing

@testable import Networks

@Suite struct AtomicFileTests {
  @Test func withoutCommitNothingStays() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([1], to: "out")
    do {
      let file = try AtomicFile(path: path)
      try file.write([2, 3])
      #expect(try folder.contents.count == 2)
    }
    #expect(try folder.contents == ["out"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1]))
  }

  @Test func commitReplaces() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([1], to: "out")
    // What an interrupted run left is passed by.
    _ = try folder.write([9], to: "out.\(getpid())-0.part")
    let file = try AtomicFile(path: path)
    try file.write([2])
    try file.write([])
    try file.write([3])
    try file.commit()
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([2, 3]))
    #expect(try folder.contents == ["out", "out.\(getpid())-0.part"])
  }
}
