import Testing

@testable import Networks

@Suite struct ZipArchiveTests {
  private func read(_ file: [UInt8]) throws -> [(name: String, data: [UInt8])] {
    try file.withUnsafeBytes { file in
      let archive = try ZipArchive(file)
      return try archive.names.map { name in (name, try archive.range(of: name).map { Array(file[$0]) } ?? []) }
    }
  }

  private func fault(_ file: [UInt8]) -> String {
    do {
      _ = try read(file)
      return "accepted"
    } catch {
      return "\(error)"
    }
  }

  @Test func whatFollowsTheEndIsCounted() {
    // The end of an archive without entries, and what was appended to it.
    let empty: [UInt8] = [0x50, 0x4B, 0x05, 0x06] + [UInt8](repeating: 0, count: 18)
    #expect(fault(empty) == "accepted")
    #expect(fault(empty + [1, 2, 3]).contains("3 bytes follow the end of its zip archive"))
    #expect(fault(Array(empty.dropLast()) + [1, 2, 3]).contains("follow the end") == false)
  }

  @Test(arguments: [false, true], [false, true])
  func entriesAreFound(entriesUseZip64: Bool, endUsesZip64: Bool) throws {
    var entries = [ZipBuilder.Entry("a/x", [1, 2, 3]), ZipBuilder.Entry("a/empty", [])]
    entries[0].usesZip64 = entriesUseZip64
    var zip = ZipBuilder(entries)
    zip.usesZip64 = endUsesZip64
    // A comment that looks like an end of the directory, but too early.
    zip.comment = bytes(UInt32(0x0605_4B50)) + [UInt8](repeating: 0, count: 30)
    let found = try read(zip.bytes)
    #expect(found.map(\.name) == ["a/x", "a/empty"])
    #expect(found.map(\.data) == [[1, 2, 3], []])
  }

  @Test func anEmptyArchiveHasNoEntries() throws {
    #expect(try read(ZipBuilder([]).bytes).isEmpty)
  }

  @Test func compressedAndEncryptedEntriesAreRefusedWhenRead() {
    var entry = ZipBuilder.Entry("a/x", [1])
    entry.method = 8
    #expect(fault(ZipBuilder([entry]).bytes).contains("“a/x” is compressed"))
    entry.method = 0
    entry.flags = 1
    #expect(fault(ZipBuilder([entry]).bytes).contains("“a/x” is encrypted"))
  }

  @Test func contradictionsAreRefused() {
    let plain = ZipBuilder.Entry("a/x", [1, 2])
    #expect(fault(ZipBuilder([plain, plain]).bytes).contains("two entries named “a/x”"))

    var entry = plain
    entry.statedSize = 100
    #expect(fault(ZipBuilder([entry]).bytes).contains("“a/x” takes 100 bytes"))
    entry.usesZip64 = true
    entry.statedSize = Int(UInt32.max)
    #expect(fault(ZipBuilder([entry]).bytes).contains("“a/x” takes 4294967295 bytes"))

    entry = plain
    entry.statedOffset = 3
    #expect(fault(ZipBuilder([entry]).bytes).contains("“a/x” is not at byte 3"))
    entry.statedOffset = 1_000_000
    #expect(fault(ZipBuilder([entry]).bytes).contains("after the start of the zip directory"))

    entry = plain
    entry.localName = "a/y"
    #expect(fault(ZipBuilder([entry]).bytes).contains("is not “a/x”"))

    var zip = ZipBuilder([plain])
    zip.statedCount = 2
    #expect(fault(zip.bytes).contains("the zip directory ends"))
    zip.statedCount = 0
    #expect(fault(zip.bytes).contains("after its 0 entries"))
    zip.statedCount = nil
    zip.disk = 1
    #expect(fault(zip.bytes).contains("several parts"))
  }

  @Test func anArchiveWithoutItsEndIsTruncated() {
    let whole = ZipBuilder([ZipBuilder.Entry("a/x", [UInt8](repeating: 0, count: 100))]).bytes
    for count in 0..<whole.count {
      #expect(fault(Array(whole.prefix(count))).contains("truncated"), "\(count) bytes")
    }
  }
}
