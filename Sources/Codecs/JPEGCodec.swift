import CJPEG
import Glibc

/// Decodes and encodes JPEG with libjpeg.
enum JPEGCodec {
  /// The stored width and height, before the orientation is applied.
  static func size(_ bytes: [UInt8], name: String) throws(ImageFileError) -> (width: Int, height: Int) {
    var width: UInt32 = 0
    var height: UInt32 = 0
    var message = emptyMessage
    try check(limn_jpeg_read_header(bytes, bytes.count, &width, &height, &message), message, name: name)
    return (Int(width), Int(height))
  }

  /// Decodes the upright samples of an image: `[width][height][3]` if the orientation swaps sides, else
  /// `[height][width][3]`. `width` and `height` are the stored sides divided by `divisor` (1, 2, 4 or 8), rounded up.
  static func decode(
    _ bytes: [UInt8], width: Int, height: Int, divisor: Int = 1, orientation: Orientation, allowsDamage: Bool,
    name: String
  ) throws(ImageFileError) -> [UInt8] {
    let (first, columnStep, rowStep) = orientation.placement(width: width, height: height)
    let placement = limn_jpeg_placement(first: first, column_step: columnStep, row_step: rowStep)
    var status = Int32(LIMN_JPEG_OK.rawValue)
    var message = emptyMessage
    let total = width * height * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: total) { pixels, count in
      status = limn_jpeg_decode(
        bytes, bytes.count, UInt32(width), UInt32(height), UInt32(divisor), placement, allowsDamage ? 1 : 0,
        pixels.baseAddress, &message)
      count = status == LIMN_JPEG_OK.rawValue ? total : 0
    }
    try check(status, message, name: name)
    return pixels
  }

  /// Encodes an image as baseline JPEG without chroma subsampling.
  static func encode(_ image: Image, quality: Int) throws(ImageFileError) -> [UInt8] {
    let limit = Int(JPEG_MAX_DIMENSION)
    guard image.width <= limit, image.height <= limit else {
      throw .unencodable("the sides of a JPEG may be at most \(limit) pixels, got \(image.width)x\(image.height)")
    }
    guard (1...100).contains(quality) else {
      throw .unencodable("the JPEG quality must be 1 to 100, got \(quality)")
    }
    var encoded: UnsafeMutablePointer<UInt8>?
    var count = 0
    var message = emptyMessage
    let status = limn_jpeg_encode(
      image.pixels, UInt32(image.width), UInt32(image.height), Int32(quality), &encoded, &count, &message)
    defer { free(encoded) }
    guard status == LIMN_JPEG_OK.rawValue else { throw .unencodable("JPEG: \(sentence(message))") }
    return Array(UnsafeBufferPointer(start: encoded, count: count))
  }

  /// The orientation in the first usable EXIF segment before the image data; nil if there is none.
  static func orientation(_ bytes: [UInt8]) -> Orientation? {
    let startOfScan: UInt8 = 0xDA
    let endOfImage: UInt8 = 0xD9
    let app1: UInt8 = 0xE1
    var position = 2
    while let mark = bytes[position...].firstIndex(of: 0xFF) {
      guard let code = bytes[mark...].firstIndex(where: { $0 != 0xFF }) else { return nil }
      position = code + 1
      switch bytes[code] {
      case startOfScan, endOfImage: return nil
      case 0x00, 0x01, 0xD0...0xD8: continue
      default: break
      }
      guard position + 2 <= bytes.count else { return nil }
      let length = Int(bytes[position]) << 8 | Int(bytes[position + 1])
      guard length >= 2, position + length <= bytes.count else { return nil }
      let body = bytes[position + 2..<position + length]
      if bytes[code] == app1, body.starts(with: "Exif\0\0".utf8),
        let orientation = Orientation(exif: body.dropFirst(6))
      {
        return orientation
      }
      position += length
    }
    return nil
  }

  private static func check(_ status: Int32, _ message: [CChar], name: String) throws(ImageFileError) {
    switch status {
    case Int32(LIMN_JPEG_OK.rawValue): return
    case Int32(LIMN_JPEG_UNSUPPORTED.rawValue): throw .unsupported("\(name): \(sentence(message))")
    default: throw .damaged("\(name): \(sentence(message))")
    }
  }

  private static var emptyMessage: [CChar] { Array(repeating: 0, count: Int(LIMN_JPEG_MESSAGE_SIZE)) }

  private static func sentence(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
