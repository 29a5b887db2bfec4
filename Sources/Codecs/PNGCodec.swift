import CPNG
import Glibc

/// Decodes and encodes PNG with libpng.
enum PNGCodec {
  /// The first 8 bytes of every PNG file.
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// The longest side that is decoded, in pixels: a row of 16-bit RGBA then takes 8 MB.
  static let sideLimit = 1 << 20

  /// The stored width and height, before the orientation is applied.
  static func size(_ bytes: [UInt8], name: String) throws(ImageFileError) -> (width: Int, height: Int) {
    guard let header = PNGChunks(bytes).first(where: { _ in true }) else {
      throw .damaged("\(name): premature end of PNG data")
    }
    guard header.type != "CgBI" else {
      throw .unsupported(
        "\(name): this is Apple's variant of PNG for apps (CgBI), which cannot be read; convert it to standard PNG "
          + "with `pngcrush -revert-iphone-optimizations`")
    }
    guard header.type == "IHDR", header.body.count == 13, header.isIntact else {
      throw .damaged("\(name): the PNG header is damaged")
    }
    let width = PNGChunks.integer(header.body.prefix(4))
    let height = PNGChunks.integer(header.body.dropFirst(4).prefix(4))
    guard width > 0, height > 0 else {
      throw .damaged("\(name): the PNG header gives a size of \(width)x\(height) pixels")
    }
    guard width <= sideLimit, height <= sideLimit else {
      throw .overLimit("\(name): \(width)x\(height) pixels; the sides of a PNG may be at most \(sideLimit) pixels")
    }
    return (width, height)
  }

  /// Decodes the upright samples of an image whose stored size and orientation are given: `[width][height][3]` if the
  /// orientation swaps sides, else `[height][width][3]`.
  static func decode(
    _ bytes: [UInt8], width: Int, height: Int, orientation: Orientation, name: String
  ) throws(ImageFileError) -> [UInt8] {
    var status = Int32(LIMN_PNG_OK.rawValue)
    var message = emptyMessage
    let total = width * height * 3
    var pixels = [UInt8](unsafeUninitializedCapacity: total) { pixels, count in
      status = limn_png_decode(bytes, bytes.count, UInt32(width), UInt32(height), pixels.baseAddress, &message)
      count = status == LIMN_PNG_OK.rawValue ? total : 0
    }
    guard status == LIMN_PNG_OK.rawValue else { throw .damaged("\(name): \(sentence(message))") }
    orientation.apply(to: &pixels, width: width, height: height)
    return pixels
  }

  /// Encodes an image as PNG, compressed for speed.
  static func encode(_ image: Image) throws(ImageFileError) -> [UInt8] {
    try encode(image.pixels, palette: nil, width: image.width, height: image.height)
  }

  /// Encodes palette indices, `[height][width]`, as PNG, compressed for size.
  ///
  /// - Parameter palette: Red, green and blue of all 256 indices.
  static func encode(indices: [UInt8], width: Int, height: Int, palette: [UInt8]) throws(ImageFileError) -> [UInt8] {
    guard width > 0, height > 0, indices.count == width * height, palette.count == 768 else {
      throw .unencodable(
        "a palette image of \(width)x\(height) needs \(width)x\(height) indices and 256 colours, got \(indices.count) "
          + "indices and \(palette.count / 3) colours")
    }
    return try encode(indices, palette: palette, width: width, height: height)
  }

  private static func encode(
    _ pixels: [UInt8], palette: [UInt8]?, width: Int, height: Int
  ) throws(ImageFileError) -> [UInt8] {
    guard let columns = Int32(exactly: width), let rows = Int32(exactly: height) else {
      throw .unencodable("the sides of a PNG may be at most \(Int32.max) pixels, got \(width)x\(height)")
    }
    var encoded: UnsafeMutablePointer<UInt8>?
    var count = 0
    var message = emptyMessage
    let status = limn_png_encode(pixels, palette, UInt32(columns), UInt32(rows), &encoded, &count, &message)
    defer { free(encoded) }
    guard status == LIMN_PNG_OK.rawValue else { throw .unencodable("PNG: \(sentence(message))") }
    return Array(UnsafeBufferPointer(start: encoded, count: count))
  }

  /// The orientation in the first intact `eXIf` chunk, before or after the image data; nil if there is none.
  static func orientation(_ bytes: [UInt8]) -> Orientation? {
    PNGChunks(bytes).first { $0.type == "eXIf" && $0.isIntact }.flatMap { Orientation(exif: $0.body) }
  }

  /// The CRC-32 that ends a chunk.
  static func checksum(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.withUnsafeBytes { Int(limn_crc32($0.baseAddress, $0.count)) }
  }

  private static var emptyMessage: [CChar] { Array(repeating: 0, count: Int(LIMN_PNG_MESSAGE_SIZE)) }

  private static func sentence(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
