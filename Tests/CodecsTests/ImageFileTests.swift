import Foundation
import TestSupport
import Testing

@testable import Codecs

@Suite struct ImageFileTests {
  @Test func everyFixtureDecodesToThePixelsOfOpenCV() throws {
    let expected = try ImageSamples.expected()
    #expect(expected.count > 80)
    for (name, image) in expected {
      let decoded = try ImageFile.decode(path: ImageSamples.path(name))
      #expect(decoded == image, "\(name)")
      let size = try ImageFile.size(path: ImageSamples.path(name))
      #expect(size == (image.width, image.height), "\(name)")
    }
  }

  @Test(arguments: [
    ("bad-12-bit.jpg", "this JPEG has 12 bits per sample; only 8 are supported"),
    ("bad-arithmetic-cut.jpg", "premature end of JPEG data"),
    ("bad-chunk-checksum.png", "IDAT: CRC error"),
    ("bad-header-second.png", "the PNG header is damaged"),
    ("bad-huge.jpg", "65500x65500 pixels are more than the limit of 200000000"),
    ("bad-huge.png", "1073741824x1073741824 pixels; the sides of a PNG may be at most 1048576 pixels"),
    ("bad-lossless.jpg", "Unsupported JPEG process: SOF type 0xc3"),
    ("bad-missing-rows.png", "Not enough image data"),
    ("bad-no-data.png", "IEND: out of place"),
    ("bad-no-end.png", "premature end of PNG data"),
    ("bad-no-palette.png", "IDAT: Missing PLTE before IDAT"),
    ("bad-pixel-checksum.png", "IDAT: incorrect data check"),
    ("bad-progressive-no-end-marker.jpg", "premature end of JPEG data"),
    ("bad-text-mode-transfer.png", "the PNG signature is damaged"),
    ("bad-unknown-critical.png", "ABCD: unhandled critical chunk"),
    ("bad-wide.png", "2097152x1 pixels; the sides of a PNG may be at most 1048576 pixels"),
    ("bad-zero-width.jpg", "Empty JPEG image (DNL not supported)"),
    ("bad-zero-width.png", "the PNG header gives a size of 0x9 pixels"),
  ])
  func refusesWithTheReason(name: String, reason: String) throws {
    let path = ImageSamples.path(name)
    let error = #expect(throws: ImageFileError.self) { try ImageFile.decode(path: path) }
    #expect(error?.description == "\(path): \(reason)")
  }

  @Test func everyRefusedFixtureHasATest() throws {
    #expect(try ImageSamples.refused().count == 18)
  }

  @Test func tellsTheKindOfRefusal() throws {
    func error(_ name: String) -> ImageFileError? {
      #expect(throws: ImageFileError.self) { try ImageFile.decode(path: ImageSamples.path(name)) }
    }
    guard case .unsupported = error("bad-12-bit.jpg") else { Issue.record("12 bits are not damage"); return }
    guard case .overLimit = error("bad-huge.jpg") else { Issue.record("size is not damage"); return }
    guard case .damaged = error("bad-no-end.png") else { Issue.record("a missing end is damage"); return }
  }

  @Test func pixelLimitIsInclusive() throws {
    let path = ImageSamples.path("baseline-444.jpg")
    #expect(throws: Never.self) { try ImageFile.decode(path: path, options: .init(pixelLimit: 13 * 9)) }
    #expect(throws: ImageFileError.overLimit("\(path): 13x9 pixels are more than the limit of 116")) {
      try ImageFile.decode(path: path, options: .init(pixelLimit: 13 * 9 - 1))
    }
  }

  @Test func byteLimitIsInclusive() throws {
    let path = ImageSamples.path("rgb-8.png")
    let count = try ImageSamples.bytes("rgb-8.png").count
    #expect(throws: Never.self) { try ImageFile.decode(path: path, options: .init(byteLimit: count)) }
    #expect(throws: ImageFileError.overLimit("\(path): \(count) bytes are more than the limit of \(count - 1)")) {
      try ImageFile.decode(path: path, options: .init(byteLimit: count - 1))
    }
  }

  @Test func damageIsAllowedOnRequest() throws {
    let whole = try ImageSamples.noise(width: 64, height: 64)
    let encoded = try ImageFile.encodeJPEG(whole)
    let cut = Array(encoded.prefix(encoded.count / 2))
    #expect(throws: ImageFileError.damaged("half.jpg: premature end of JPEG data")) {
      try ImageFile.decode(bytes: cut, name: "half.jpg")
    }
    let decoded = try ImageFile.decode(bytes: cut, options: .init(allowsDamagedJPEG: true))
    let undamaged = try ImageFile.decode(bytes: encoded)
    #expect(decoded.pixels.prefix(64 * 3 * 16) == undamaged.pixels.prefix(64 * 3 * 16))
    #expect(decoded.pixels.suffix(3) == [128, 128, 128])
  }

  @Test func everyTruncationOfAPictureIsRefused() throws {
    for name in ["baseline-420.jpg", "progressive-444.jpg", "cmyk.jpg", "arithmetic.jpg", "restart.jpg", "rgba-16.png"]
    {
      let bytes = try ImageSamples.bytes(name)
      // The last byte of a scan may hold only padding, and a baseline file may lack its end marker.
      for count in 0..<bytes.count - 4 {
        #expect(throws: ImageFileError.self, "\(name) cut to \(count) bytes") {
          try ImageFile.decode(bytes: Array(bytes.prefix(count)))
        }
      }
    }
  }

  @Test func damagedBytesNeverCrash() throws {
    var generator = SeededGenerator(seed: 20)
    let names = try ImageSamples.expected().keys.sorted().filter { $0 != "text-bomb.png" }
    var refused = 0
    for name in names {
      let bytes = try ImageSamples.bytes(name)
      for _ in 0..<60 {
        var damaged = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          let index = Int.random(in: 0..<damaged.count, using: &generator)
          damaged[index] = UInt8.random(in: 0...255, using: &generator)
        }
        if Bool.random(using: &generator) {
          damaged.removeLast(Int.random(in: 0..<damaged.count, using: &generator))
        }
        let options = ImageFile.DecodingOptions(
          pixelLimit: 100_000, allowsDamagedJPEG: Bool.random(using: &generator))
        do {
          let image = try ImageFile.decode(bytes: damaged, options: options)
          #expect(image.pixels.count == image.width * image.height * 3)
        } catch {
          refused += 1
          #expect(error.description.hasPrefix("image data: "))
        }
      }
    }
    #expect(refused > names.count)
  }

  @Test func endlessScansAreRefused() throws {
    let bytes = try ImageSamples.bytes("progressive-444.jpg")
    let scan = try #require(bytes.indices.last { bytes[$0] == 0xFF && $0 + 1 < bytes.count && bytes[$0 + 1] == 0xDA })
    let repeated = Array(bytes[scan..<bytes.count - 2])
    var endless = Array(bytes.dropLast(2))
    for _ in 0..<600 { endless += repeated }
    endless += [0xFF, 0xD9]
    #expect(throws: ImageFileError.damaged("image data: this JPEG has more than 500 scans")) {
      try ImageFile.decode(bytes: endless, options: .init(allowsDamagedJPEG: true))
    }
  }

  @Test func refusesWhatIsNotAnImageFile() throws {
    let folder = try ScratchFolder()
    func refusal(_ path: String) -> String? {
      #expect(throws: ImageFileError.self) { try ImageFile.decode(path: path) }?.description
    }
    let missing = "\(folder.path)/missing.jpg"
    #expect(refusal(missing) == "\(missing): No such file or directory")
    #expect(refusal(folder.path) == "\(folder.path): this is a folder, not a file")
    #expect(refusal("a\0b") == "a\0b: a path cannot hold a zero byte")
    #expect(refusal("/dev/null") == "/dev/null: this is not a regular file")
    let pipe = "\(folder.path)/pipe.jpg"
    try #require(mkfifo(pipe, 0o600) == 0)
    #expect(refusal(pipe) == "\(pipe): this is not a regular file")
    let contents: [(String, String)] = [
      ("", "the file is empty"), ("\u{89}", "this is neither a JPEG nor a PNG file"),
      ("hello", "this is neither a JPEG nor a PNG file"),
      ("GIF89a", "this is a GIF file; only JPEG and PNG can be read, so convert it first"),
      ("RIFF....WEBPVP8 ", "this is a WebP file; only JPEG and PNG can be read, so convert it first"),
      ("BM", "this is a BMP file; only JPEG and PNG can be read, so convert it first"),
      ("II*\0", "this is a TIFF file; only JPEG and PNG can be read, so convert it first"),
      ("....ftypavif", "this is an AVIF file; only JPEG and PNG can be read, so convert it first"),
      ("....ftypheic", "this is a HEIF or MP4 file; only JPEG and PNG can be read, so convert it first"),
      ("%PDF-1.7", "this is a PDF file; only JPEG and PNG can be read, so convert it first"),
    ]
    for (content, reason) in contents {
      let path = "\(folder.path)/content.jpg"
      try Data(content.utf8).write(to: URL(filePath: path))
      #expect(refusal(path) == "\(path): \(reason)")
    }
  }

  @Test(.enabled(if: getuid() != 0, "root reads every file"))
  func refusesAFileWithoutPermission() throws {
    let folder = try ScratchFolder()
    let path = "\(folder.path)/secret.png"
    try Data(ImageSamples.bytes("rgb-8.png")).write(to: URL(filePath: path))
    try #require(chmod(path, 0) == 0)
    #expect(throws: ImageFileError.unreadable("\(path): Permission denied")) { try ImageFile.decode(path: path) }
  }

  @Test func theNameDoesNotMatter() throws {
    let folder = try ScratchFolder()
    let path = "\(folder.path)/picture.jpg"
    try Data(ImageSamples.bytes("rgb-8.png")).write(to: URL(filePath: path))
    #expect(try ImageFile.decode(path: path) == ImageFile.decode(path: ImageSamples.path("rgb-8.png")))
  }
}

/// Skipped where the shared pictures are absent.
@Suite(.enabled(if: SharedData.path("images") != nil, "no shared data: PngSuite, EXIF and JPEG collections not read"))
struct SharedImageFileTests {
  @Test func picturesHaveThePixelsOfOpenCV() throws {
    let images = try #require(SharedData.path("images"))
    let checksums = try JSONDecoder().decode(
      [String: UInt32].self,
      from: Data(contentsOf: ImageSamples.folder.deletingLastPathComponent().appending(path: "shared-checksums.json")))
    #expect(checksums.count == 171)
    let table = (0..<256).map { byte in
      (0..<8).reduce(UInt32(byte)) { remainder, _ in remainder >> 1 ^ (remainder & 1) * 0xEDB8_8320 }
    }
    for (name, expected) in checksums {
      let image = try ImageFile.decode(path: images + "/" + name)
      let checksum = image.pixels.withUnsafeBufferPointer { pixels in
        var remainder = UInt32.max
        for sample in pixels { remainder = remainder >> 8 ^ table[Int((remainder ^ UInt32(sample)) & 0xFF)] }
        return ~remainder
      }
      #expect(checksum == expected, "\(name)")
    }
  }

  @Test func damagedPngSuiteFilesAreRefused() throws {
    let files = try SharedData.images("png/pngsuite").filter {
      URL(filePath: $0).lastPathComponent.hasPrefix("x")
    }
    #expect(files.count == 14)
    for path in files {
      let error = #expect(throws: ImageFileError.self) { try ImageFile.decode(path: path) }
      #expect(error?.description.hasPrefix("\(path): ") == true)
    }
  }

  @Test func corruptPNGsAreRefused() throws {
    let files = try SharedData.images("png/corrupt")
    #expect(files.count >= 17)
    for path in files {
      if path.hasSuffix("png_decompression_dos.png") {
        #expect(try ImageFile.decode(path: path).pixels.count == 3)
      } else {
        #expect(throws: ImageFileError.self, "\(path)") { try ImageFile.decode(path: path) }
      }
    }
  }

  @Test func interlacedPngSuiteFilesEqualThePlainOnes() throws {
    let files = try SharedData.images("png/pngsuite")
    let pairs = files.filter { URL(filePath: $0).lastPathComponent.hasPrefix("basi") }
    #expect(pairs.count == 15)
    for path in pairs {
      let plain = path.replacingOccurrences(of: "/basi", with: "/basn")
      #expect(try ImageFile.decode(path: path) == ImageFile.decode(path: plain), "\(path)")
    }
  }

  @Test func theNineOrientationsGiveOnePicture() throws {
    let files = try SharedData.images("exif")
    #expect(files.count == 9)
    let upright = try ImageFile.decode(path: #require(files.first { $0.hasSuffix("_1.jpg") }))
    for path in files {
      let image = try ImageFile.decode(path: path)
      #expect((image.width, image.height) == (upright.width, upright.height))
      #expect(try ImageFile.size(path: path) == (upright.width, upright.height))
      #expect(difference(image, upright) <= Tolerance.Files.orientedJPEG, "\(path)")
    }
  }

  @Test func jpegsAreReadOrRefused() throws {
    let refused = [
      "hopper_bad_exif.jpg": "Corrupt JPEG data: 1214 extraneous bytes before marker 0xd0",
      "monkey12.jpg": "this JPEG has 12 bits per sample; only 8 are supported",
      "truncated_jpeg.jpg": "premature end of JPEG data",
    ]
    for path in try SharedData.images("jpeg") {
      if let reason = refused[URL(filePath: path).lastPathComponent] {
        let error = #expect(throws: ImageFileError.self) { try ImageFile.decode(path: path) }
        #expect(error?.description == "\(path): \(reason)")
      } else {
        #expect(throws: Never.self) { try ImageFile.decode(path: path) }
      }
    }
  }

  @Test func photographsAreRead() throws {
    let bus = try #require(SharedData.images("photos").first { $0.hasSuffix("bus.jpg") })
    let image = try ImageFile.decode(path: bus)
    #expect((image.width, image.height) == (810, 1080))
    for path in try SharedData.images("coco64") {
      #expect(throws: Never.self) { try ImageFile.decode(path: path) }
    }
  }

  /// The mean difference of the means of 50x50 blocks, in levels.
  private func difference(_ first: Image, _ second: Image) -> Double {
    func blocks(_ image: Image) -> [Double] {
      let side = 50
      let columns = image.width / side
      var sums = [Double](repeating: 0, count: columns * (image.height / side) * 3)
      image.pixels.withUnsafeBufferPointer { pixels in
        for y in stride(from: 0, to: image.height / side * side, by: 5) {
          for x in stride(from: 0, to: columns * side, by: 5) {
            for channel in 0..<3 {
              sums[(y / side * columns + x / side) * 3 + channel] +=
                Double(pixels[(y * image.width + x) * 3 + channel]) / 100
            }
          }
        }
      }
      return sums
    }
    let pairs = zip(blocks(first), blocks(second))
    return pairs.reduce(0) { $0 + abs($1.0 - $1.1) } / Double(blocks(first).count)
  }
}
