import Foundation
import TestSupport
import Testing

@testable import limn

@Suite struct LabelFileTests {
  private func names(_ bytes: [UInt8]) throws -> [String] {
    let folder = try ScratchFolder()
    let path = folder.path + "/names.txt"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return try LabelFile.names(path)
  }

  @Test func aNameALine() throws {
    #expect(try names(Array("cat\nhot dog\r\n\n".utf8)) == ["cat", "hot dog"])
    #expect(try names([0xEF, 0xBB, 0xBF] + Array("cat\ndog".utf8)) == ["cat", "dog"])
  }

  @Test func theBackgroundIsNoName() throws {
    let error = #expect(throws: CommandError.self) { try names(Array("__background__\ncat\n".utf8)) }
    #expect(error?.description.hasSuffix("which is not a class of objects: remove that line") == true)
  }

  @Test func anEmptyLineIsNumbered() throws {
    let error = #expect(throws: CommandError.self) { try names(Array("cat\n\ndog\n".utf8)) }
    #expect(error?.description.hasSuffix("an empty line among the class names, line 2") == true)
  }

  @Test func whatIsNoListIsRefused() {
    for bytes in [[], [0x0A], [0xEF, 0xBB, 0xBF], [0xFF], Array("cat\n\ndog".utf8)] as [[UInt8]] {
      #expect(throws: CommandError.self) { try names(bytes) }
    }
  }
}
