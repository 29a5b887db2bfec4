/// The operands of the horizontal half of a bilinear resize of RGB bytes.
public struct InterpolateRowOperands {
  /// The source row.
  public var source: UnsafePointer<UInt8>
  /// `[width]` byte offsets of the left pixels.
  public var offsets: UnsafePointer<Int32>
  /// `[width]` bytes from the left to the right pixel: 3, or 0 at the right edge.
  public var steps: UnsafePointer<Int32>
  /// `[width][2]` weights of the left and the right pixel, in units of 2^-11.
  public var weights: UnsafePointer<Int32>
  /// `[width][3]` sums of `sample * weight`.
  public var target: UnsafeMutablePointer<Int32>
  /// Output pixels.
  public var width: Int

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    source: UnsafePointer<UInt8>, offsets: UnsafePointer<Int32>, steps: UnsafePointer<Int32>,
    weights: UnsafePointer<Int32>, target: UnsafeMutablePointer<Int32>, width: Int
  ) {
    self.source = source
    self.offsets = offsets
    self.steps = steps
    self.weights = weights
    self.target = target
    self.width = width
  }
}

/// The operands of the vertical half of a bilinear resize of bytes.
public struct BlendRowsOperands {
  /// `[count]` sums of the upper row.
  public var top: UnsafePointer<Int32>
  /// `[count]` sums of the lower row.
  public var bottom: UnsafePointer<Int32>
  /// The weight of the upper row, in units of 2^-11.
  public var topWeight: Int32
  /// The weight of the lower row, in units of 2^-11.
  public var bottomWeight: Int32
  /// `[count]`.
  public var target: UnsafeMutablePointer<UInt8>
  /// The number of bytes.
  public var count: Int

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    top: UnsafePointer<Int32>, bottom: UnsafePointer<Int32>, topWeight: Int32, bottomWeight: Int32,
    target: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    self.top = top
    self.bottom = bottom
    self.topWeight = topWeight
    self.bottomWeight = bottomWeight
    self.target = target
    self.count = count
  }
}

extension InstructionSet {
  /// Interpolates one source row of RGB bytes horizontally, to `[width][3]` sums of `sample * weight`.
  ///
  /// `offsets[x]` is the byte offset of the left pixel, `steps[x]` that from it to the right one: 3, or 0 at the right
  /// edge. `weights[2 * x]` belongs to the left pixel, `weights[2 * x + 1]` to the right one, in units of 2^-11.
  @inlinable @inline(__always)
  public static func interpolateRow(_ operands: InterpolateRowOperands) {
    for x in 0..<operands.width {
      let left = operands.source + Int(operands.offsets[x])
      let right = left + Int(operands.steps[x])
      let leftWeight = operands.weights[2 &* x]
      let rightWeight = operands.weights[2 &* x &+ 1]
      let output = operands.target + 3 &* x
      output[0] = Int32(left[0]) &* leftWeight &+ Int32(right[0]) &* rightWeight
      output[1] = Int32(left[1]) &* leftWeight &+ Int32(right[1]) &* rightWeight
      output[2] = Int32(left[2]) &* leftWeight &+ Int32(right[2]) &* rightWeight
    }
  }

  /// Blends two interpolated rows with weights in units of 2^-11. Matches the fixed-point steps of OpenCV's `resize`.
  @inlinable @inline(__always)
  public static func blendRows(_ operands: BlendRowsOperands) {
    for index in 0..<operands.count {
      let upper = (operands.topWeight &* (operands.top[index] &>> 4)) &>> 16
      let lower = (operands.bottomWeight &* (operands.bottom[index] &>> 4)) &>> 16
      operands.target[index] = UInt8(truncatingIfNeeded: (upper &+ lower &+ 2) &>> 2)
    }
  }

  /// Halves two rows of RGB bytes to one of `width` pixels: the mean of each 2×2 pixels, rounded half up.
  @inlinable @inline(__always)
  public static func halveRows(
    _ top: UnsafePointer<UInt8>, _ bottom: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<UInt8>, _ width: Int
  ) {
    for x in 0..<width {
      for channel in 0..<3 {
        let left = 6 &* x &+ channel
        let right = left &+ 3
        let sum = UInt16(top[left]) &+ UInt16(top[right]) &+ UInt16(bottom[left]) &+ UInt16(bottom[right])
        target[3 &* x &+ channel] = UInt8(truncatingIfNeeded: (sum &+ 2) &>> 2)
      }
    }
  }

  /// Converts bytes to floats in 0...1, divided by 255.
  @inlinable @inline(__always)
  public static func normalize(_ source: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    for index in 0..<count { target[index] = Float(source[index]) / 255 }
  }
}
