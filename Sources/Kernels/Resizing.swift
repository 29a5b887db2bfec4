extension InstructionSet {
  /// Interpolates one source row of RGB bytes horizontally, to `[width][3]` sums of `sample * weight`.
  ///
  /// `offsets[x]` is the byte offset of the left pixel, `steps[x]` that from it to the right one: 3, or 0 at the right
  /// edge. `weights[2 * x]` belongs to the left pixel, `weights[2 * x + 1]` to the right one, in units of 2^-11.
  @inlinable @inline(__always)
  public static func interpolateRow(
    _ source: UnsafePointer<UInt8>, _ offsets: UnsafePointer<Int32>, _ steps: UnsafePointer<Int32>,
    _ weights: UnsafePointer<Int32>, _ target: UnsafeMutablePointer<Int32>, _ width: Int
  ) {
    for x in 0..<width {
      let left = source + Int(offsets[x])
      let right = left + Int(steps[x])
      let leftWeight = weights[2 &* x]
      let rightWeight = weights[2 &* x &+ 1]
      let output = target + 3 &* x
      output[0] = Int32(left[0]) &* leftWeight &+ Int32(right[0]) &* rightWeight
      output[1] = Int32(left[1]) &* leftWeight &+ Int32(right[1]) &* rightWeight
      output[2] = Int32(left[2]) &* leftWeight &+ Int32(right[2]) &* rightWeight
    }
  }

  /// Blends two interpolated rows with weights in units of 2^-11. Matches the fixed-point steps of OpenCV's `resize`.
  @inlinable @inline(__always)
  public static func blendRows(
    _ top: UnsafePointer<Int32>, _ bottom: UnsafePointer<Int32>, _ topWeight: Int32, _ bottomWeight: Int32,
    _ target: UnsafeMutablePointer<UInt8>, _ count: Int
  ) {
    for index in 0..<count {
      let upper = (topWeight &* (top[index] &>> 4)) &>> 16
      let lower = (bottomWeight &* (bottom[index] &>> 4)) &>> 16
      target[index] = UInt8(truncatingIfNeeded: (upper &+ lower &+ 2) &>> 2)
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
