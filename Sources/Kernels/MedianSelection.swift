/// The operands of a row of medians.
public struct MedianRowOperands {
  /// The first row of the windows, from the first window's left column on.
  public var rows: UnsafePointer<UInt8>
  /// Bytes from one row to the next.
  public var stride: Int
  /// Rows and columns of a window.
  public var size: Int
  /// Scratch memory for `count` numbers.
  public var counts: UnsafeMutablePointer<UInt8>
  /// `[count]`.
  public var target: UnsafeMutablePointer<UInt8>
  /// Output pixels.
  public var count: Int

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    rows: UnsafePointer<UInt8>, stride: Int, size: Int, counts: UnsafeMutablePointer<UInt8>,
    target: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    self.rows = rows
    self.stride = stride
    self.size = size
    self.counts = counts
    self.target = target
    self.count = count
  }
}

extension InstructionSet {
  /// Writes the median of the `size` × `size` window whose left column is `x`, for each `x` below `count`.
  ///
  /// The window's rows start at `rows[0]`, `rows[stride]`, and so on. `counts` is scratch memory for `count` numbers.
  /// A median is found bit by bit from the highest: a bit is set where more than half of the values are at least the
  /// number with that bit.
  @inlinable @inline(__always)
  public static func medianRow(_ operands: MedianRowOperands) {
    let half = UInt8(truncatingIfNeeded: (operands.size &* operands.size) / 2)
    for x in 0..<operands.count { operands.target[x] = 0 }
    var bit: UInt8 = 128
    while bit > 0 {
      for x in 0..<operands.count { operands.counts[x] = 0 }
      for tap in 0..<operands.size &* operands.size {
        let row = operands.rows + tap / operands.size &* operands.stride + tap % operands.size
        for x in 0..<operands.count { operands.counts[x] &+= row[x] >= operands.target[x] | bit ? 1 : 0 }
      }
      for x in 0..<operands.count { operands.target[x] |= operands.counts[x] > half ? bit : 0 }
      bit &>>= 1
    }
  }
}
