import Testing

@testable import Codecs

@Suite struct PNGChunksTests {
  static let end: [UInt8] = [0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]

  @Test func readsTheChunksOfAFile() throws {
    let chunks = Array(PNGChunks(try ImageSamples.bytes("exif-behind-data.png")))
    #expect(chunks.map(\.type) == ["IHDR", "IDAT", "eXIf", "IEND"])
    #expect(chunks.map(\.isIntact) == [true, true, true, true])
    #expect(chunks[0].body.count == 13)
  }

  @Test func seesAWrongChecksum() throws {
    let chunks = Array(PNGChunks(try ImageSamples.bytes("exif-bad-checksum.png")))
    #expect(chunks.map(\.isIntact) == [true, false, true, true])
  }

  @Test func stopsAtTheFirstCutChunk() {
    for count in 0..<Self.end.count {
      #expect(Array(PNGChunks(PNGCodec.signature + Self.end.prefix(count))).isEmpty)
    }
    #expect(Array(PNGChunks(PNGCodec.signature + Self.end)).map(\.type) == ["IEND"])
  }

  @Test func aLengthBeyondTheFileEndsTheChunks() {
    let endless: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF] + Self.end.dropFirst(4)
    #expect(Array(PNGChunks(PNGCodec.signature + endless + Self.end)).isEmpty)
  }
}
