import Circles
import TestSupport

/// The pictures that `Fixtures/make_circles.py` draws: a slope, discs and rings, some beyond the border, and noise; in
/// whole numbers from a seed.
func generatedPicture(_ seed: Int) throws -> Image {
  var generator = SeededGenerator(seed: UInt64(seed))
  func below(_ bound: Int) -> Int { Int(generator.next() % UInt64(bound)) }
  let (width, height) = (64 + below(160), 64 + below(120))
  let slope = (x: below(129) - 64, y: below(129) - 64)
  let base = 40 + below(150)
  var picture = (0..<width * height).map { base + (slope.x * ($0 % width) + slope.y * ($0 / width)) >> 8 }
  for _ in 0..<1 + below(14) {
    let (x, y) = (below(8 * width), below(8 * height))
    let radius = 8 * 6 + below(8 * 34)
    let value = below(256)
    var weights = coverage(width, height, x, y, radius)
    if below(3) == 0 {
      let hole = radius - 24 - below(64)
      if hole > 0 {
        let inner = coverage(width, height, x, y, hole)
        for index in weights.indices { weights[index] -= inner[index] }
      }
    }
    for index in picture.indices {
      picture[index] = (picture[index] * (16 - weights[index]) + value * weights[index] + 8) >> 4
    }
  }
  let amplitude = below(24)
  for index in picture.indices { picture[index] += below(2 * amplitude + 1) - amplitude }
  let tint = (below(61) - 30, below(61) - 30)
  let pixels = picture.flatMap { [$0, $0 + tint.0, $0 + tint.1].map { UInt8(clamping: $0) } }
  return try Image(width: width, height: height, pixels: pixels)
}

/// Samples of 4×4 in each pixel that lie in a disc; its centre and radius are in eighths of a pixel.
private func coverage(_ width: Int, _ height: Int, _ x: Int, _ y: Int, _ radius: Int) -> [Int] {
  var counts = [Int](repeating: 0, count: width * height)
  for row in 0..<4 * height {
    let dy = 2 * row + 1 - y
    for column in 0..<4 * width {
      let dx = 2 * column + 1 - x
      if dx * dx + dy * dy <= radius * radius { counts[row / 4 * width + column / 4] += 1 }
    }
  }
  return counts
}

/// The checksum of zlib and PNG.
func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
  var table = [UInt32](repeating: 0, count: 256)
  for index in 0..<256 {
    table[index] = (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
  }
  return ~bytes.reduce(~UInt32(0)) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ ($0 >> 8) }
}

func crc32<Element: BitwiseCopyable>(_ values: [Element]) -> UInt32 { values.withUnsafeBytes(crc32) }
