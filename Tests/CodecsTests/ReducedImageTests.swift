import TestSupport
import Testing

@testable import Codecs

@Suite struct ReducedImageTests {
  /// A smooth picture, in which a mean is near each of its pixels.
  private func slope(width: Int, height: Int) throws -> Image {
    var pixels: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width {
        pixels += [UInt8(x * 255 / width), UInt8(y * 255 / height), UInt8((x + y) * 255 / (width + height))]
      }
    }
    return try Image(width: width, height: height, pixels: pixels)
  }

  @Test(arguments: [(642, 1), (641, 1), (322, 1), (321, 2), (162, 2), (161, 4), (82, 4), (81, 8), (1, 8)])
  func isTheLeastThatKeepsTheSide(side: Int, divisor: Int) throws {
    for (width, height) in [(641, 9), (9, 641)] {
      let bytes = try ImageFile.encodeJPEG(slope(width: width, height: height))
      let reduced = try ImageFile.decode(bytes: bytes, reducedTo: side)
      #expect(reduced.divisor == divisor)
      #expect(reduced.width == width && reduced.height == height)
      #expect(reduced.image.width == (width + divisor - 1) / divisor)
      #expect(reduced.image.height == (height + divisor - 1) / divisor)
    }
  }

  @Test func aPixelIsTheMeanOfThoseItStandsFor() throws {
    let whole = try ImageFile.decode(bytes: ImageFile.encodeJPEG(slope(width: 128, height: 96), quality: 100))
    let bytes = try ImageFile.encodeJPEG(whole, quality: 100)
    for divisor in [2, 4, 8] {
      let image = try ImageFile.decode(bytes: bytes, reducedTo: 128 / divisor).image
      try #require(image.width == 128 / divisor && image.height == 96 / divisor)
      for y in 0..<image.height {
        for x in 0..<image.width {
          for channel in 0..<3 {
            var sum = 0
            for row in y * divisor..<(y + 1) * divisor {
              for column in x * divisor..<(x + 1) * divisor {
                sum += Int(whole.pixels[(row * whole.width + column) * 3 + channel])
              }
            }
            let mean = Double(sum) / Double(divisor * divisor)
            let found = Double(image.pixels[(y * image.width + x) * 3 + channel])
            #expect(abs(found - mean) <= Tolerance.Files.reducedJPEG)
          }
        }
      }
    }
  }

  @Test(arguments: 1...8)
  func isUpright(orientation: Int) throws {
    let name = "exif-\(orientation).jpg"
    let whole = try ImageFile.decode(path: ImageSamples.path(name))
    let reduced = try ImageFile.decode(path: ImageSamples.path(name), reducedTo: 7)
    #expect(reduced.divisor == 2)
    #expect(reduced.width == whole.width && reduced.height == whole.height)
    #expect(reduced.image.width == (whole.width + 1) / 2 && reduced.image.height == (whole.height + 1) / 2)
    let stored = try ImageFile.decode(path: ImageSamples.path("exif-1.jpg"), reducedTo: 7).image
    let (width, height) = (stored.width, stored.height)
    for y in 0..<height {
      for x in 0..<width {
        let (left, top) =
          switch orientation {
          case 1: (x, y)
          case 2: (width - 1 - x, y)
          case 3: (width - 1 - x, height - 1 - y)
          case 4: (x, height - 1 - y)
          case 5: (y, x)
          case 6: (height - 1 - y, x)
          case 7: (height - 1 - y, width - 1 - x)
          default: (y, width - 1 - x)
          }
        for channel in 0..<3 {
          #expect(
            reduced.image.pixels[(top * reduced.image.width + left) * 3 + channel]
              == stored.pixels[(y * width + x) * 3 + channel])
        }
      }
    }
  }

  @Test func whatIsNoLargerIsDecodedWhole() throws {
    for (name, image) in try ImageSamples.expected() {
      let reduced = try ImageFile.decode(path: ImageSamples.path(name), reducedTo: 1 << 40)
      #expect(reduced == ReducedImage(image), "\(name)")
    }
    let picture = try ImageFile.decode(path: ImageSamples.path("rgb-8.png"), reducedTo: 1)
    #expect(picture.divisor == 1)
  }

  @Test func theLimitIsThatOfTheWholePicture() throws {
    let bytes = try ImageSamples.bytes("baseline-444.jpg")
    #expect(throws: ImageFileError.overLimit("image data: 13x9 pixels are more than the limit of 116")) {
      try ImageFile.decode(bytes: bytes, reducedTo: 1, options: .init(pixelLimit: 13 * 9 - 1))
    }
  }

  @Test func damagedBytesNeverCrash() throws {
    var generator = SeededGenerator(seed: 21)
    var refused = 0
    for name in ["baseline-420.jpg", "progressive-444.jpg", "cmyk.jpg", "arithmetic.jpg", "exif-6.jpg"] {
      let bytes = try ImageSamples.bytes(name)
      for _ in 0..<100 {
        var damaged = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        let options = ImageFile.DecodingOptions(
          pixelLimit: 100_000, allowsDamagedJPEG: Bool.random(using: &generator))
        do {
          let reduced = try ImageFile.decode(
            bytes: damaged, reducedTo: Int.random(in: 1...8, using: &generator), options: options)
          #expect(reduced.image.width == (reduced.width + reduced.divisor - 1) / reduced.divisor)
        } catch {
          refused += 1
        }
      }
    }
    #expect(refused > 10)
  }

  @Test(arguments: [(0, 8), (-1, 8), (Int.min, 8)])
  func aSideBelowOneIsRefused(side: Int, width: Int) throws {
    let bytes = try ImageFile.encodeJPEG(slope(width: width, height: 8))
    #expect(
      throws: ImageFileError.invalidOption(
        "image data: the longest side of a reduced image must be at least 1 pixel, got \(side)")
    ) { try ImageFile.decode(bytes: bytes, reducedTo: side) }
  }

  @Test func theMapLeadsBackToTheWholePicture() throws {
    let bytes = try ImageFile.encodeJPEG(slope(width: 641, height: 333))
    let reduced = try ImageFile.decode(bytes: bytes, reducedTo: 100)
    try #require(reduced.divisor == 4)
    #expect(reduced.map.width == 641 && reduced.map.height == 333)
    // The last column stands for one pixel, the others for four.
    #expect(
      reduced.map.inverse(Box(x1: 1, y1: 2.5, x2: 161, y2: 84)) == Box(x1: 4, y1: 10, x2: 641, y2: 333))
    #expect(reduced.map.inverse(Circle(x: 2, y: 2.25, radius: 2.5)) == Circle(x: 8, y: 9, radius: 10))
    #expect(reduced.map(Box(x1: 4, y1: 10, x2: 641, y2: 333)) == Box(x1: 1, y1: 2.5, x2: 160.25, y2: 83.25))
    #expect(try ImageFile.decode(bytes: bytes, reducedTo: 641).map.isIdentity)
  }
}
