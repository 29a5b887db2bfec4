/// Builds the runs of a mask from pixels in column-major order.
struct RunBuilder {
  /// The runs so far, beginning outside the mask; only the first may be 0.
  private(set) var runs: [UInt32] = [0]

  /// Appends `count` pixels. The caller keeps the sum within `Mask.largestArea`.
  mutating func append(_ count: Int, inside: Bool) {
    guard count > 0 else { return }
    if runs.count.isMultiple(of: 2) == inside {
      runs[runs.count - 1] += UInt32(count)
    } else {
      runs.append(UInt32(count))
    }
  }

  /// Appends the columns of a bitmap in the layout `[height][width]`, each between `above` and `below` pixels outside
  /// the mask.
  ///
  /// The bitmap is read row by row, eight columns at a time: most of these words equal the one above.
  mutating func append(_ bitmap: [UInt8], width: Int, height: Int, above: Int, below: Int) {
    var flips = [[Int]](repeating: [], count: 8)
    for left in stride(from: 0, to: width, by: 8) {
      let lanes = min(8, width - left)
      for lane in 0..<lanes { flips[lane].removeAll(keepingCapacity: true) }
      var previous: UInt64 = 0
      for row in 0..<height {
        let word = Self.word(of: bitmap, at: row * width + left, lanes: lanes)
        if word == previous { continue }
        for lane in 0..<lanes {
          let mask: UInt64 = 0xFF << UInt64(8 * lane)
          if (word & mask != 0) != (previous & mask != 0) { flips[lane].append(row) }
        }
        previous = word
      }
      for lane in 0..<lanes {
        append(above, inside: false)
        var (start, inside) = (0, false)
        for row in flips[lane] {
          append(row - start, inside: inside)
          (start, inside) = (row, !inside)
        }
        append(height - start, inside: inside)
        append(below, inside: false)
      }
    }
  }

  /// Returns up to eight neighbouring values, the first in the lowest byte.
  private static func word(of bitmap: [UInt8], at start: Int, lanes: Int) -> UInt64 {
    bitmap.withUnsafeBytes { bytes in
      if lanes == 8 { return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)) }
      return (0..<lanes).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
    }
  }
}
