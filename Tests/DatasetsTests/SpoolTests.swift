import TestSupport
import Testing

@testable import Datasets

@Suite struct SpoolTests {
  @Test func spoolKeepsOrderAndLeavesNoFile() throws {
    let folder = try ScratchFolder()
    let spool = try Spool(for: .file(folder.path + "/a.txt"))
    #expect(try folder.files().isEmpty)
    var expected = ""
    for index in 0..<40_000 {
      try spool.write("\(index)\n")
      expected += "\(index)\n"
    }
    let file = try OutputDocument(.file(folder.path + "/a.txt"))
    try file.write("[")
    try spool.copy(to: file)
    try file.write("]")
    try file.commit()
    #expect(try folder.text("a.txt") == "[" + expected + "]")
  }
}
