import Testing

@testable import Codecs

@Suite struct OrientationTests {
  /// The stored picture is `012/345`; what each value of the EXIF tag makes of it, by the EXIF standard's words on where
  /// the stored first row and first column lie.
  @Test(arguments: [
    (1, "012/345"), (2, "210/543"), (3, "543/210"), (4, "345/012"), (5, "03/14/25"), (6, "30/41/52"), (7, "52/41/30"),
    (8, "25/14/03"),
  ])
  func arrangesPixels(tag: Int, upright: String) throws {
    let orientation = try #require(Orientation(rawValue: tag))
    func pixel(_ digit: Int) -> [UInt8] { [UInt8(digit), UInt8(digit + 10), UInt8(digit + 20)] }
    var pixels = (0..<6).flatMap(pixel)
    orientation.apply(to: &pixels, width: 3, height: 2)
    let digits = upright.filter { $0 != "/" }.compactMap { $0.wholeNumberValue }
    #expect(pixels == digits.flatMap(pixel))
    #expect(orientation.swapsSides == (upright.count == 8))
  }

  @Test(arguments: 1...8)
  func aSinglePixelStays(tag: Int) throws {
    var pixels: [UInt8] = [1, 2, 3]
    try #require(Orientation(rawValue: tag)).apply(to: &pixels, width: 1, height: 1)
    #expect(pixels == [1, 2, 3])
  }

  /// JPEG pictures are turned while they are decoded, in strips: sides around the strip's height, with every sample.
  @Test(arguments: [(1, 63), (1, 64), (5, 65), (63, 1), (64, 2), (65, 3), (70, 130)])
  func decodingTurnsLikeApply(width: Int, height: Int) throws {
    let bytes = try ImageFile.encodeJPEG(ImageSamples.noise(width: width, height: height))
    let stored = try ImageFile.decode(bytes: bytes).pixels
    for tag in 1...8 {
      let orientation = try #require(Orientation(rawValue: tag))
      let block: [UInt8] = [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, UInt8(tag), 0, 0]
      let segment = [0xFF, 0xE1, 0, UInt8(block.count + 8)] + Array("Exif\0\0".utf8) + block
      let turned = try ImageFile.decode(bytes: Array(bytes.prefix(2)) + segment + bytes.dropFirst(2))
      var expected = stored
      orientation.apply(to: &expected, width: width, height: height)
      #expect(turned.pixels == expected, "tag \(tag)")
      #expect(turned.width == (orientation.swapsSides ? height : width))
    }
  }
}
