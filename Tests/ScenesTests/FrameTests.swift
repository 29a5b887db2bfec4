import Foundation
import TestSupport
import Testing

@testable import Scenes

@Suite struct FrameTests {
  /// A frame in memory whose every byte is its own, and the picture that it shows, in the plainest code.
  private struct Sample {
    let bytes: [UInt8]
    let layout: FrameLayout
    let pixels: [UInt8]

    init(_ layout: FrameLayout, byteCount: Int, seed: UInt64 = 1) {
      var random = SeededGenerator(seed: seed)
      bytes = random.bytes(byteCount)
      self.layout = layout
      var pixels: [UInt8] = []
      for y in 0..<layout.height {
        for x in 0..<layout.width {
          let first = layout.offset + y * layout.stride + x * layout.format.bytesPerPixel
          switch layout.format {
          case .rgb, .rgba: pixels += [bytes[first], bytes[first + 1], bytes[first + 2]]
          case .bgr, .bgra: pixels += [bytes[first + 2], bytes[first + 1], bytes[first]]
          case .gray: pixels += [bytes[first], bytes[first], bytes[first]]
          case .nv12:
            let chroma =
              (layout.chromaOffset ?? layout.offset + layout.height * layout.stride)
              + y / 2 * (layout.chromaStride ?? layout.stride) + x / 2 * 2
            pixels += Self.color(bytes[first], bytes[chroma], bytes[chroma + 1], layout.encoding)
          }
        }
      }
      self.pixels = pixels
    }

    /// A pixel by the definition of its encoding.
    private static func color(_ y: UInt8, _ cb: UInt8, _ cr: UInt8, _ encoding: YCbCrEncoding) -> [UInt8] {
      let is601 = encoding == .bt601 || encoding == .bt601FullRange
      let isFull = encoding == .bt601FullRange || encoding == .bt709FullRange
      let (red, blue) = is601 ? (0.299, 0.114) : (0.2126, 0.0722)
      let luma = isFull ? Double(y) : (max(Double(y), 16) - 16) * 255 / 219
      let scale = isFull ? 1 : 255.0 / 224
      let (cb, cr) = ((Double(cb) - 128) * scale, (Double(cr) - 128) * scale)
      let r = luma + 2 * (1 - red) * cr
      let b = luma + 2 * (1 - blue) * cb
      let g = luma - (2 * (1 - red) * red * cr + 2 * (1 - blue) * blue * cb) / (1 - red - blue)
      return [r, g, b].map { UInt8(max(0, min(255, $0.rounded()))) }
    }
  }

  @Test(arguments: PixelFormat.allCases, [(2, 2), (4, 6), (34, 10)])
  func everyFormatWithAndWithoutPadding(_ format: PixelFormat, _ size: (width: Int, height: Int)) throws {
    let row = size.width * format.bytesPerPixel
    let layouts = [
      FrameLayout(format, width: size.width, height: size.height),
      FrameLayout(format, width: size.width, height: size.height, stride: row + 13, offset: 5),
    ]
    for layout in layouts {
      let sample = try Sample(layout, byteCount: layout.byteCount())
      let image = try Image(copying: sample.bytes, layout: layout)
      #expect(image.width == size.width && image.height == size.height)
      let difference = zip(image.pixels, sample.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
      // OpenCV's constants for luma and chroma have three decimals.
      #expect(difference <= (format == .nv12 ? Tolerance.Files.frame : 0), "\(layout)")
    }
  }

  @Test(arguments: PixelFormat.allCases.filter { $0 != .nv12 }, [1, 3, 7])
  func oddSides(_ format: PixelFormat, _ side: Int) throws {
    let layout = FrameLayout(format, width: side, height: side, stride: side * format.bytesPerPixel + 1)
    let sample = try Sample(layout, byteCount: layout.byteCount())
    #expect(try Image(copying: sample.bytes, layout: layout).pixels == sample.pixels)
  }

  @Test(arguments: YCbCrEncoding.allCases) func everyEncoding(_ encoding: YCbCrEncoding) throws {
    let layout = FrameLayout(.nv12, width: 256, height: 64, encoding: encoding)
    let sample = try Sample(layout, byteCount: layout.byteCount())
    let image = try Image(copying: sample.bytes, layout: layout)
    let differences = zip(image.pixels, sample.pixels).map { abs(Int($0) - Int($1)) }
    // Rounding, and for OpenCV's BT.601 three decimals: 1 level.
    #expect((differences.max() ?? 0) <= Tolerance.Files.frame)
    #expect(differences.filter { $0 > 0 }.count < (encoding == .bt601 ? 12_000 : 100))
  }

  @Test func nv12EqualsOpenCVs() throws {
    struct Frame: Decodable {
      let width: Int
      let height: Int
      let rgb: Data
    }
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/nv12.json")
    let frames = try JSONDecoder().decode([Frame].self, from: Data(contentsOf: url))
    #expect(frames.count == 3)
    for frame in frames {
      var random = SeededGenerator(seed: UInt64(frame.width))
      let bytes = random.bytes(frame.width * frame.height * 3 / 2)
      let layout = FrameLayout(.nv12, width: frame.width, height: frame.height)
      #expect(try Image(copying: bytes, layout: layout).pixels == [UInt8](frame.rgb))
    }
  }

  @Test func planesOfTheirOwn() throws {
    let layout = FrameLayout(.nv12, width: 6, height: 4, stride: 9, offset: 2, chromaOffset: 3, chromaStride: 7)
    var random = SeededGenerator(seed: 3)
    let (luma, chroma) = (random.bytes(2 + 3 * 9 + 6), random.bytes(3 + 7 + 6))
    // The same planes in one buffer.
    var joined = layout
    joined.chromaOffset = luma.count + 3
    let expected = try Image(copying: luma + chroma, layout: joined)
    var image = try Image(copyingLuma: luma.span.bytes, chroma: chroma.span.bytes, layout: layout)
    #expect(image == expected)
    image.pixels[0] ^= 1
    try image.copy(luma: luma.span.bytes, chroma: chroma.span.bytes, layout: layout)
    #expect(image == expected)
    func refusal(_ luma: [UInt8], _ chroma: [UInt8], _ layout: FrameLayout) -> SceneError? {
      do throws(SceneError) {
        try image.copy(luma: luma.span.bytes, chroma: chroma.span.bytes, layout: layout)
        return nil
      } catch {
        return error
      }
    }
    #expect(
      refusal(luma, chroma.dropLast(), layout)
        == .invalidShape("the chroma of a 6x4 frame of stride 7 must have at least 16 bytes, got 15"))
    #expect(
      refusal(luma.dropLast(), chroma, layout)
        == .invalidShape("the luma of a 6x4 frame of stride 9 must have at least 35 bytes, got 34"))
    #expect(
      refusal(luma, chroma, FrameLayout(.rgb, width: 2, height: 2))
        == .invalidParameter("a frame in two planes must be in nv12, got rgb"))
    #expect(image == expected)
  }

  @Test func frameAfterFrameInTheSameMemory() throws {
    let layout = FrameLayout(.bgra, width: 8, height: 5, stride: 40)
    let samples = try (0..<3).map { try Sample(layout, byteCount: layout.byteCount(), seed: $0) }
    var image = try Image(copying: samples[0].bytes, layout: layout)
    let address = image.pixels.withUnsafeBufferPointer { $0.baseAddress }
    for sample in samples {
      try image.copy(sample.bytes, layout: layout)
      #expect(image.pixels == sample.pixels)
      #expect(image.pixels.withUnsafeBufferPointer { $0.baseAddress } == address)
    }
    // A copy keeps what it had.
    let kept = image
    try image.copy(samples[0].bytes, layout: layout)
    #expect(kept.pixels == samples[2].pixels && image.pixels == samples[0].pixels)
  }

  @Test func aFrameOfAnotherSizeMakesThePictureThatSize() throws {
    var image = try Image(width: 2, height: 3, pixels: .init(repeating: 9, count: 18))
    let wide = FrameLayout(.gray, width: 3, height: 2)
    try image.copy([1, 2, 3, 4, 5, 6], layout: wide)
    #expect(image.width == 3 && image.height == 2)
    #expect(image.pixels == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6])
    try image.copy([7], layout: FrameLayout(.gray, width: 1, height: 1))
    #expect(try image == Image(width: 1, height: 1, pixels: [7, 7, 7]))
  }

  @Test func aRefusedFrameLeavesThePicture() throws {
    var image = try Image(width: 1, height: 1, pixels: [1, 2, 3])
    let before = image
    #expect(throws: SceneError.self) {
      try image.copy([1, 2], layout: FrameLayout(.rgb, width: 1, height: 1))
    }
    #expect(image == before)
  }

  @Test func aBufferOfC() throws {
    let bytes: [UInt8] = [10, 20, 30, 40, 50, 60]
    let image = try bytes.withUnsafeBytes {
      try Image(copying: $0.bytes, layout: FrameLayout(.bgr, width: 2, height: 1))
    }
    #expect(image.pixels == [30, 20, 10, 60, 50, 40])
  }

  @Test(arguments: [
    (FrameLayout(.rgb, width: 0, height: 4), "the sides of an image must be 1 to 16777216 pixels, got 0x4"),
    (FrameLayout(.rgb, width: 4, height: -1), "the sides of an image must be 1 to 16777216 pixels, got 4x-1"),
    (
      FrameLayout(.rgba, width: .max, height: .max),
      "the sides of an image must be 1 to 16777216 pixels, got 9223372036854775807x9223372036854775807"
    ),
    (
      FrameLayout(.rgb, width: 10, height: 2, stride: 29),
      "the stride of the rows must be at least 30 bytes, got 29"
    ),
    (
      FrameLayout(.gray, width: 10, height: 2, stride: -10),
      "the stride of the rows must be at least 10 bytes, got -10"
    ),
    (
      FrameLayout(.nv12, width: 10, height: 2, chromaStride: 9),
      "the stride of the chroma rows must be at least 10 bytes, got 9"
    ),
    (
      FrameLayout(.bgr, width: 1, height: 1, offset: -3),
      "the offset of the rows must be at least 0, got -3"
    ),
    (
      FrameLayout(.nv12, width: 2, height: 2, chromaOffset: -1),
      "the offset of the chroma rows must be at least 0, got -1"
    ),
    (FrameLayout(.nv12, width: 3, height: 2), "a frame in nv12 must have even sides, got 3x2"),
    (FrameLayout(.nv12, width: 2, height: 5), "a frame in nv12 must have even sides, got 2x5"),
    (
      FrameLayout(.gray, width: 1, height: 3, stride: .max),
      "3 rows of stride 9223372036854775807 from byte 0 on are more than any memory holds"
    ),
    (
      FrameLayout(.gray, width: 1, height: 1, offset: .max),
      "1 rows of stride 1 from byte 9223372036854775807 on are more than any memory holds"
    ),
    (
      FrameLayout(.nv12, width: 2, height: 2, stride: .max / 2),
      "1 chroma rows of stride 4611686018427387903 from byte 9223372036854775806 on are more than any memory holds"
    ),
    (
      FrameLayout(.nv12, width: 2, height: 2, stride: .max / 2 + 1),
      "2 rows of stride 4611686018427387904 from byte 0 on are more than any memory holds"
    ),
    (
      FrameLayout(.rgb, width: 2, height: 2),
      "a 2x2 frame in rgb of stride 6 must have at least 12 bytes, got 11"
    ),
    (
      FrameLayout(.rgb, width: 2, height: 2, offset: 9),
      "a 2x2 frame in rgb of stride 6 from byte 9 on must have at least 21 bytes, got 11"
    ),
    (
      FrameLayout(.nv12, width: 2, height: 2, chromaOffset: 20, chromaStride: 4),
      "a 2x2 frame in nv12 of stride 2, chroma from byte 20 on, chroma of stride 4 must have at least 22 bytes, got 11"
    ),
    (
      FrameLayout(.rgb, width: 1, height: 2, stride: 9),
      "a 1x2 frame in rgb of stride 9 must have at least 12 bytes, got 11"
    ),
    (
      FrameLayout(.nv12, width: 2, height: 4),
      "a 2x4 frame in nv12 of stride 2 must have at least 12 bytes, got 11"
    ),
  ])
  func layoutsThatDoNotHoldTogether(_ layout: FrameLayout, _ reason: String) {
    #expect(throws: SceneError.invalidShape(reason)) {
      try Image(copying: [UInt8](repeating: 0, count: 11), layout: layout)
    }
  }

  @Test func chromaOfAFormatWithoutIt() {
    for layout in [
      FrameLayout(.rgb, width: 1, height: 1, chromaOffset: 3), FrameLayout(.rgb, width: 1, height: 1, chromaStride: 3),
    ] {
      #expect(
        throws: SceneError.invalidParameter("a chroma offset or stride must be of a frame in nv12, got rgb")
      ) { try layout.byteCount() }
    }
  }

  @Test func theLastRowNeedsNoPadding() throws {
    #expect(try FrameLayout(.rgb, width: 2, height: 3, stride: 100, offset: 7).byteCount() == 7 + 200 + 6)
    #expect(try FrameLayout(.nv12, width: 4, height: 4, stride: 10).byteCount() == 40 + 10 + 4)
    // Chroma may lie before luma.
    #expect(try FrameLayout(.nv12, width: 4, height: 2, offset: 50, chromaOffset: 0).byteCount() == 58)
  }
}
