extension InstructionSet {
  /// The medians of `size * size` bytes: of the rows `rows[0]`, `rows[stride]`, ... those from column `x` on, for each
  /// `x` below `count`. `counts` holds `count` numbers.
  ///
  /// Bit by bit from the highest: a bit is set where at least half of the values reach the number that it gives.
  @inlinable @inline(__always)
  public static func medianRow(
    _ rows: UnsafePointer<UInt8>, _ stride: Int, _ size: Int, _ counts: UnsafeMutablePointer<UInt8>,
    _ target: UnsafeMutablePointer<UInt8>, _ count: Int
  ) {
    let half = UInt8(truncatingIfNeeded: (size &* size) / 2)
    for x in 0..<count { target[x] = 0 }
    var bit: UInt8 = 128
    while bit > 0 {
      for x in 0..<count { counts[x] = 0 }
      for tap in 0..<size &* size {
        let row = rows + tap / size &* stride + tap % size
        for x in 0..<count { counts[x] &+= row[x] >= target[x] | bit ? 1 : 0 }
      }
      for x in 0..<count { target[x] |= counts[x] > half ? bit : 0 }
      bit &>>= 1
    }
  }
}
