extension InstructionSet {
  /// Blurs a row horizontally: weighted sums, in units of 2^-8, of the `2 * radius + 1` bytes from `source[x]` on.
  ///
  /// `weights` holds the weights of the left half and the centre. With their mirror images they add up to 256, so sums
  /// fit 16 bits.
  @inlinable @inline(__always)
  public static func smoothRow(
    _ source: UnsafePointer<UInt8>, _ weights: UnsafePointer<UInt16>, _ radius: Int,
    _ target: UnsafeMutablePointer<UInt16>, _ count: Int
  ) {
    let centre = weights[radius]
    for x in 0..<count { target[x] = centre &* UInt16(source[x &+ radius]) }
    for tap in 0..<radius {
      let weight = weights[tap]
      let left = source + tap
      let right = source + (2 &* radius &- tap)
      for x in 0..<count { target[x] &+= weight &* (UInt16(left[x]) &+ UInt16(right[x])) }
    }
  }

  /// The number of columns summed at a time, so that the sums stay in the first-level cache.
  @inlinable @inline(__always)
  public static var smoothingBlock: Int { 512 }

  /// Blurs vertically: weighted sums of `2 * radius + 1` rows that `smoothRow` made, to bytes, rounded half up.
  ///
  /// `sums` is scratch memory for `count` numbers.
  @inlinable @inline(__always)
  public static func smoothColumns(
    _ rows: UnsafePointer<UnsafePointer<UInt16>>, _ weights: UnsafePointer<UInt16>, _ radius: Int,
    _ sums: UnsafeMutablePointer<UInt32>, _ target: UnsafeMutablePointer<UInt8>, _ count: Int
  ) {
    let middle = rows[radius]
    let centre = UInt32(weights[radius])
    var start = 0
    while start < count {
      let end = min(start &+ smoothingBlock, count)
      let sums = sums - start
      for x in start..<end { sums[x] = centre &* UInt32(middle[x]) &+ 1 << 15 }
      for tap in 0..<radius {
        let weight = UInt32(weights[tap])
        let above = rows[tap]
        let below = rows[2 &* radius &- tap]
        for x in start..<end { sums[x] &+= weight &* (UInt32(above[x]) &+ UInt32(below[x])) }
      }
      for x in start..<end { target[x] = UInt8(truncatingIfNeeded: sums[x] &>> 16) }
      start = end
    }
  }
}
