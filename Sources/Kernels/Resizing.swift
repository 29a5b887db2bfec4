extension InstructionSet {
  /// One source row of RGB bytes interpolated across: `[width][3]` sums of `sample * weight`.
  ///
  /// `offsets[x]` is the byte of the left pixel, `steps[x]` 3 or, at the right edge, 0; `weights[2 * x]` is the left
  /// pixel's, `weights[2 * x + 1]` the right one's, in units of 2^-11.
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

  /// Two interpolated rows blended with weights in units of 2^-11, in the fixed-point steps of OpenCV.
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

  /// Two rows of RGB bytes halved both ways by the mean of four, rounded half up.
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

  /// Bytes as floats, divided by 255.
  @inlinable @inline(__always)
  public static func normalize(_ source: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    for index in 0..<count { target[index] = Float(source[index]) / 255 }
  }
}
