/// The operands of a row of Sobel derivatives. The three rows are readable from index -1 to `count`.
public struct SobelRowOperands {
  /// The row above.
  public var above: UnsafePointer<UInt8>
  /// The row.
  public var row: UnsafePointer<UInt8>
  /// The row below.
  public var below: UnsafePointer<UInt8>
  /// `[count]` horizontal derivatives.
  public var horizontal: UnsafeMutablePointer<Int16>
  /// `[count]` vertical derivatives.
  public var vertical: UnsafeMutablePointer<Int16>
  /// `[count]` magnitudes, `|dx| + |dy|`.
  public var magnitude: UnsafeMutablePointer<Int16>
  /// Pixels.
  public var count: Int

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    above: UnsafePointer<UInt8>, row: UnsafePointer<UInt8>, below: UnsafePointer<UInt8>,
    horizontal: UnsafeMutablePointer<Int16>, vertical: UnsafeMutablePointer<Int16>,
    magnitude: UnsafeMutablePointer<Int16>, count: Int
  ) {
    self.above = above
    self.row = row
    self.below = below
    self.horizontal = horizontal
    self.vertical = vertical
    self.magnitude = magnitude
    self.count = count
  }
}

extension InstructionSet {
  /// Computes the derivatives of one row with the 3×3 Sobel operator, and their magnitude `|dx| + |dy|`.
  ///
  /// The three rows are readable from index -1 to `count`.
  @inlinable @inline(__always)
  public static func sobelRow(_ operands: SobelRowOperands) {
    for x in 0..<operands.count {
      let (aboveLeft, aboveRight) = (Int16(operands.above[x &- 1]), Int16(operands.above[x &+ 1]))
      let (belowLeft, belowRight) = (Int16(operands.below[x &- 1]), Int16(operands.below[x &+ 1]))
      let across = Int16(operands.row[x &+ 1]) &- Int16(operands.row[x &- 1])
      let down = Int16(operands.below[x]) &- Int16(operands.above[x])
      let dx = aboveRight &- aboveLeft &+ belowRight &- belowLeft &+ 2 &* across
      let dy = belowLeft &- aboveLeft &+ belowRight &- aboveRight &+ 2 &* down
      operands.horizontal[x] = dx
      operands.vertical[x] = dy
      operands.magnitude[x] = (dx < 0 ? 0 &- dx : dx) &+ (dy < 0 ? 0 &- dy : dy)
    }
  }
}
