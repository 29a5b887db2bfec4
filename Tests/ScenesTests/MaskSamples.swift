import Foundation

@testable import Scenes

/// A mask with what pycocotools says of it: a line of `Fixtures/masks.jsonl`.
struct MaskSample: Decodable {
  let width: Int
  let height: Int
  let x: Int
  let y: Int
  let bitmapWidth: Int
  let bitmapHeight: Int
  let bitmap: String
  let rle: String
  let area: Int
  let box: [Float]

  /// The bitmap, a value a pixel: 0, or something else.
  var pixels: [UInt8] {
    let bits = bitmap.flatMap { digit in (0..<4).map { (digit.hexDigitValue ?? 0) >> (3 - $0) & 1 } }
    // Any value but 0 is inside.
    return bits.prefix(bitmapHeight * bitmapWidth).enumerated().map { UInt8($0.element * (1 + $0.offset % 255)) }
  }

  /// The lines of `Fixtures/masks.jsonl`.
  static let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures/masks.jsonl").path

  static func read(_ path: String) throws -> [MaskSample] {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
      try decoder.decode(MaskSample.self, from: Data($0.utf8))
    }
  }
}

extension Mask {
  /// The pixels that closed polygons cover an odd number of times, found side by side.
  static func filled(_ polygons: [[Corner]], width: Int, height: Int) throws -> Mask {
    var pixels = [UInt8](repeating: 0, count: width * height)
    for polygon in polygons {
      for (start, end) in zip(polygon, polygon.dropFirst() + polygon.prefix(1)) where start.y == end.y {
        for x in min(start.x, end.x)..<max(start.x, end.x) {
          for y in start.y..<height { pixels[y * width + x] ^= 1 }
        }
      }
    }
    return try Mask(bitmap: pixels, bitmapWidth: width, x: 0, y: 0, width: width, height: height)
  }
}
