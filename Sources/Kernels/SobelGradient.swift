extension InstructionSet {
  /// Computes the derivatives of one row with the 3×3 Sobel operator, and their magnitude `|dx| + |dy|`.
  ///
  /// The three rows are readable from index -1 to `count`.
  @inlinable @inline(__always)
  public static func sobelRow(
    _ above: UnsafePointer<UInt8>, _ row: UnsafePointer<UInt8>, _ below: UnsafePointer<UInt8>,
    _ horizontal: UnsafeMutablePointer<Int16>, _ vertical: UnsafeMutablePointer<Int16>,
    _ magnitude: UnsafeMutablePointer<Int16>, _ count: Int
  ) {
    for x in 0..<count {
      let (aboveLeft, aboveRight) = (Int16(above[x &- 1]), Int16(above[x &+ 1]))
      let (belowLeft, belowRight) = (Int16(below[x &- 1]), Int16(below[x &+ 1]))
      let across = Int16(row[x &+ 1]) &- Int16(row[x &- 1])
      let down = Int16(below[x]) &- Int16(above[x])
      let dx = aboveRight &- aboveLeft &+ belowRight &- belowLeft &+ 2 &* across
      let dy = belowLeft &- aboveLeft &+ belowRight &- aboveRight &+ 2 &* down
      horizontal[x] = dx
      vertical[x] = dy
      magnitude[x] = (dx < 0 ? 0 &- dx : dx) &+ (dy < 0 ? 0 &- dy : dy)
    }
  }
}
