import Foundation
import TestSupport
import Testing

@testable import Codecs

@Suite struct ImageFileEncodingTests {
  static let sizes = [(1, 1), (2, 1), (1, 3), (17, 33), (300, 200)]

  @Test(arguments: sizes)
  func pngKeepsEverySample(width: Int, height: Int) throws {
    let image = try ImageSamples.noise(width: width, height: height)
    let bytes = try ImageFile.encodePNG(image)
    #expect(try ImageFile.decode(bytes: bytes) == image)
  }

  @Test(arguments: sizes)
  func indexedPNGKeepsEveryIndex(width: Int, height: Int) throws {
    let indices = (0..<width * height).map { UInt8($0 * 31 % 256) }
    let palette = (0..<768).map { UInt8($0 * 7 % 256) }
    let bytes = try PNGCodec.encode(indices: indices, width: width, height: height, palette: palette)
    let colors = indices.flatMap { palette[Int($0) * 3..<Int($0) * 3 + 3] }
    #expect(try ImageFile.decode(bytes: bytes) == Image(width: width, height: height, pixels: colors))
  }

  @Test func indicesThatDoNotFitTheirSizeAreRefused() {
    for (count, width, height, colors) in [(5, 2, 3, 768), (6, 2, 3, 767), (0, 0, 0, 768), (6, -2, -3, 768)] {
      #expect(throws: ImageFileError.self) {
        try PNGCodec.encode(
          indices: Array(repeating: 0, count: count), width: width, height: height,
          palette: Array(repeating: 0, count: colors))
      }
    }
  }

  @Test(arguments: sizes)
  func jpegOfBestQualityIsClose(width: Int, height: Int) throws {
    let image = try ImageSamples.noise(width: width, height: height)
    let decoded = try ImageFile.decode(bytes: ImageFile.encodeJPEG(image, quality: 100))
    #expect((decoded.width, decoded.height) == (width, height))
    let worst = zip(image.pixels, decoded.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
    #expect(worst <= Tolerance.Files.bestJPEG)
  }

  @Test func jpegKeepsThinColouredLines() throws {
    var pixels = [UInt8](repeating: 128, count: 32 * 32 * 3)
    for y in 0..<32 { pixels.replaceSubrange((y * 32 + 13) * 3..<(y * 32 + 14) * 3, with: [255, 0, 0]) }
    let image = try Image(width: 32, height: 32, pixels: pixels)
    let decoded = try ImageFile.decode(bytes: ImageFile.encodeJPEG(image))
    #expect(decoded.pixels[13 * 3] > 220)
    #expect(decoded.pixels[13 * 3 + 1] < 40)
    #expect((100...156).contains(decoded.pixels[15 * 3]))
  }

  @Test(arguments: [0, -1, 101])
  func refusesAQualityOutOfRange(quality: Int) throws {
    let image = try ImageSamples.noise(width: 1, height: 1)
    #expect(throws: ImageFileError.unencodable("the JPEG quality must be 1 to 100, got \(quality)")) {
      try ImageFile.encodeJPEG(image, quality: quality)
    }
  }

  @Test func jpegSidesEndAt65500() throws {
    let widest = try Image(width: 65_500, height: 1, pixels: Array(repeating: 7, count: 65_500 * 3))
    #expect(try ImageFile.decode(bytes: ImageFile.encodeJPEG(widest)).width == 65_500)
    let wider = try Image(width: 65_501, height: 1, pixels: Array(repeating: 7, count: 65_501 * 3))
    #expect(throws: ImageFileError.unencodable("the sides of a JPEG may be at most 65500 pixels, got 65501x1")) {
      try ImageFile.encodeJPEG(wider)
    }
    #expect(try ImageFile.decode(bytes: ImageFile.encodePNG(wider)) == wider)
  }

  @Test func theExtensionChoosesTheFormat() throws {
    let image = try ImageSamples.noise(width: 9, height: 5)
    let folder = try ScratchFolder()
    for (name, magic) in [
      ("a.png", 0x89), ("b.jpg", 0xFF), ("c.JPEG", 0xFF), ("d.x.PNG", 0x89), ("e.jpe", 0xFF), ("f.JFIF", 0xFF),
      ("g.mpo", 0xFF),
    ] as [(String, UInt8)] {
      try ImageFile.write(image, to: "\(folder.path)/\(name)")
      let bytes = try Data(contentsOf: URL(filePath: "\(folder.path)/\(name)"))
      #expect(bytes.first == magic, "\(name)")
    }
    for name in ["a.gif", "png", "a.", "a.png/b", ".png.txt"] {
      let path = "\(folder.path)/\(name)"
      #expect(
        throws: ImageFileError.unencodable("\(path): the name of an image to write must end in .jpg, .jpeg or .png")
      ) { try ImageFile.write(image, to: path) }
    }
  }

  @Test func aFileIsReplacedWholeOrNotAtAll() throws {
    let image = try ImageSamples.noise(width: 9, height: 5)
    let folder = try ScratchFolder()
    let path = "\(folder.path)/a.png"
    try Data("old".utf8).write(to: URL(filePath: path))
    try ImageFile.write(image, to: path)
    #expect(try ImageFile.decode(path: path) == image)

    let missing = "\(folder.path)/missing/a.png"
    #expect(throws: ImageFileError.unwritable("\(missing): there is no folder \(folder.path)/missing")) {
      try ImageFile.write(image, to: missing)
    }
    let occupied = "\(folder.path)/folder.png"
    try FileManager.default.createDirectory(atPath: occupied, withIntermediateDirectories: false)
    #expect(throws: ImageFileError.unwritable("\(occupied): Is a directory")) {
      try ImageFile.write(image, to: occupied)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a.png", "folder.png"])
  }
}
