extension InstructionSet {
  /// Writes the median of the `size` × `size` window whose left column is `x`, for each `x` below `count`.
  ///
  /// The window's rows start at `rows[0]`, `rows[stride]`, and so on. `counts` is scratch memory for `count` numbers.
  /// A median is found bit by bit from the highest: a bit is set where more than half of the values are at least the
  /// number with that bit.
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
