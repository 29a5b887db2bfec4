extension InstructionSet {
  /// Resizes two source rows of RGB floats bilinearly to one row, `[width][3]`.
  ///
  /// `lefts[x]` and `rights[x]` are the offsets in floats of the pixels on either side, `fractions[x]` is the weight of
  /// the right one, and `fraction` that of the bottom row. Matches the order of operations of PyTorch's `interpolate`.
  @inlinable @inline(__always)
  public static func resizeRow(
    _ top: UnsafePointer<Float>, _ bottom: UnsafePointer<Float>, _ fraction: Float, _ lefts: UnsafePointer<Int32>,
    _ rights: UnsafePointer<Int32>, _ fractions: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
    _ width: Int
  ) {
    let rest = 1 - fraction
    for x in 0..<width {
      let (left, right) = (Int(lefts[x]), Int(rights[x]))
      let (rightWeight, leftWeight) = (fractions[x], 1 - fractions[x])
      for channel in 0..<3 {
        let upper = leftWeight * top[left &+ channel] + rightWeight * top[right &+ channel]
        let lower = leftWeight * bottom[left &+ channel] + rightWeight * bottom[right &+ channel]
        output[3 &* x &+ channel] = rest * upper + fraction * lower
      }
    }
  }

  /// Converts RGB bytes to `(byte / 255 - mean) / deviation`, with the mean and deviation of each channel.
  @inlinable @inline(__always)
  public static func standardize(
    _ source: UnsafePointer<UInt8>, _ means: UnsafePointer<Float>, _ deviations: UnsafePointer<Float>,
    _ target: UnsafeMutablePointer<Float>, _ width: Int
  ) {
    for x in 0..<width {
      for channel in 0..<3 {
        target[3 &* x &+ channel] = (Float(source[3 &* x &+ channel]) / 255 - means[channel]) / deviations[channel]
      }
    }
  }
}
