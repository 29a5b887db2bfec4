/// The state of a pixel while edges are found, as in the hysteresis of the Canny detector
/// (doi:10.1109/TPAMI.1986.4767851).
public enum EdgeMark {
  /// A weak edge: it counts if it is connected to a certain one.
  public static let possible: UInt8 = 0
  /// Not an edge.
  public static let none: UInt8 = 1
  /// A strong edge.
  public static let certain: UInt8 = 2
}

/// Three rows of gradient magnitudes, readable from index -1 to the row's count, and the middle row's derivatives.
public struct GradientRows {
  /// Magnitudes of the row above.
  public var above: UnsafePointer<Int16>
  /// Magnitudes of the row.
  public var row: UnsafePointer<Int16>
  /// Magnitudes of the row below.
  public var below: UnsafePointer<Int16>
  /// Horizontal derivatives of the row.
  public var horizontal: UnsafePointer<Int16>
  /// Vertical derivatives of the row.
  public var vertical: UnsafePointer<Int16>

  /// Gathers the rows.
  @inlinable
  public init(
    above: UnsafePointer<Int16>, row: UnsafePointer<Int16>, below: UnsafePointer<Int16>,
    horizontal: UnsafePointer<Int16>, vertical: UnsafePointer<Int16>
  ) {
    self.above = above
    self.row = row
    self.below = below
    self.horizontal = horizontal
    self.vertical = vertical
  }
}

/// The operands of a row of edge thinning.
public struct ThinEdgesOperands {
  /// The gradients.
  public var rows: GradientRows
  /// The magnitude that a possible edge exceeds.
  public var low: Int16
  /// The magnitude that a certain edge exceeds.
  public var high: Int16
  /// `[count]` marks.
  public var marks: UnsafeMutablePointer<UInt8>
  /// Pixels.
  public var count: Int

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(rows: GradientRows, low: Int16, high: Int16, marks: UnsafeMutablePointer<UInt8>, count: Int) {
    self.rows = rows
    self.low = low
    self.high = high
    self.marks = marks
    self.count = count
  }
}

extension InstructionSet {
  /// Marks each pixel of a row by non-maximum suppression along the gradient: `certain` where the magnitude is a
  /// maximum above `high`, `possible` where it is a maximum above `low`, `none` elsewhere.
  ///
  /// Matches OpenCV's `Canny`: directions change at 22.5° and 67.5°, in units of 2^-15, and a neighbour with an equal
  /// magnitude suppresses the pixel on one side only.
  @inlinable @inline(__always)
  public static func thinEdges(_ operands: ThinEdgesOperands) {
    let (above, row, below) = (operands.rows.above, operands.rows.row, operands.rows.below)
    for x in 0..<operands.count {
      let magnitude = row[x]
      let dx = Int32(operands.rows.horizontal[x])
      let dy = Int32(operands.rows.vertical[x])
      let run = dx < 0 ? 0 &- dx : dx
      let rise = (dy < 0 ? 0 &- dy : dy) &<< 15
      let shallow = run &* 13573
      let steep = shallow &+ run &<< 16

      let (left, right, top, bottom) = (row[x &- 1], row[x &+ 1], above[x], below[x])
      let (topLeft, topRight) = (above[x &- 1], above[x &+ 1])
      let (bottomLeft, bottomRight) = (below[x &- 1], below[x &+ 1])
      // The largest neighbour that must be exceeded, and the one that may be equalled.
      let isFalling = dx ^ dy < 0
      let before = isFalling ? topRight : topLeft
      let after = isFalling ? bottomLeft : bottomRight
      let isAcross = rise < shallow
      let isDown = rise > steep
      let exceeded = isAcross ? left : isDown ? top : before
      let equalled = isAcross ? right : isDown ? bottom : after &+ 1

      let isMaximum: UInt8 = magnitude > exceeded ? 1 : 0
      let isLargest: UInt8 = magnitude >= equalled ? 1 : 0
      let isStrong: UInt8 = magnitude > operands.low ? 1 : 0
      let isCertain: UInt8 = magnitude > operands.high ? 2 : 0
      let survives = isMaximum & isLargest & isStrong
      operands.marks[x] = survives == 1 ? isCertain : 1
    }
  }
}
