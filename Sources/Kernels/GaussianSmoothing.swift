/// The operands of the horizontal half of a blur.
public struct SmoothRowOperands {
  /// `[count + 2 * radius]` bytes.
  public var source: UnsafePointer<UInt8>
  /// `[radius + 1]` weights of the left half and the centre, in units of 2^-8.
  public var weights: UnsafePointer<UInt16>
  /// Pixels on either side of the centre.
  public var radius: Int
  /// `[count]` weighted sums.
  public var target: UnsafeMutablePointer<UInt16>
  /// Output pixels.
  public var count: Int

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    source: UnsafePointer<UInt8>, weights: UnsafePointer<UInt16>, radius: Int, target: UnsafeMutablePointer<UInt16>,
    count: Int
  ) {
    self.source = source
    self.weights = weights
    self.radius = radius
    self.target = target
    self.count = count
  }
}

/// The operands of the vertical half of a blur.
public struct SmoothColumnsOperands {
  /// `[2 * radius + 1]` rows of sums.
  public var rows: UnsafePointer<UnsafePointer<UInt16>>
  /// `[radius + 1]` weights of the upper half and the centre, in units of 2^-8.
  public var weights: UnsafePointer<UInt16>
  /// Rows on either side of the centre.
  public var radius: Int
  /// Scratch memory for `count` numbers.
  public var sums: UnsafeMutablePointer<UInt32>
  /// `[count]`.
  public var target: UnsafeMutablePointer<UInt8>
  /// Output pixels.
  public var count: Int

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    rows: UnsafePointer<UnsafePointer<UInt16>>, weights: UnsafePointer<UInt16>, radius: Int,
    sums: UnsafeMutablePointer<UInt32>, target: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    self.rows = rows
    self.weights = weights
    self.radius = radius
    self.sums = sums
    self.target = target
    self.count = count
  }
}

extension InstructionSet {
  /// Blurs a row horizontally: weighted sums, in units of 2^-8, of the `2 * radius + 1` bytes from `source[x]` on.
  ///
  /// `weights` holds the weights of the left half and the centre. With their mirror images they add up to 256, so sums
  /// fit 16 bits.
  @inlinable @inline(__always)
  public static func smoothRow(_ operands: SmoothRowOperands) {
    let centre = operands.weights[operands.radius]
    for x in 0..<operands.count { operands.target[x] = centre &* UInt16(operands.source[x &+ operands.radius]) }
    for tap in 0..<operands.radius {
      let weight = operands.weights[tap]
      let left = operands.source + tap
      let right = operands.source + (2 &* operands.radius &- tap)
      for x in 0..<operands.count { operands.target[x] &+= weight &* (UInt16(left[x]) &+ UInt16(right[x])) }
    }
  }

  /// The number of columns summed at a time, so that the sums stay in the first-level cache.
  @inlinable @inline(__always)
  public static var smoothingBlock: Int { 512 }

  /// Blurs vertically: weighted sums of `2 * radius + 1` rows that `smoothRow` made, to bytes, rounded half up.
  ///
  /// `sums` is scratch memory for `count` numbers.
  @inlinable @inline(__always)
  public static func smoothColumns(_ operands: SmoothColumnsOperands) {
    let middle = operands.rows[operands.radius]
    let centre = UInt32(operands.weights[operands.radius])
    var start = 0
    while start < operands.count {
      let end = min(start &+ smoothingBlock, operands.count)
      let sums = operands.sums - start
      for x in start..<end { sums[x] = centre &* UInt32(middle[x]) &+ 1 << 15 }
      for tap in 0..<operands.radius {
        let weight = UInt32(operands.weights[tap])
        let above = operands.rows[tap]
        let below = operands.rows[2 &* operands.radius &- tap]
        for x in start..<end { sums[x] &+= weight &* (UInt32(above[x]) &+ UInt32(below[x])) }
      }
      for x in start..<end { operands.target[x] = UInt8(truncatingIfNeeded: sums[x] &>> 16) }
      start = end
    }
  }
}
