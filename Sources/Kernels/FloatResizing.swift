extension InstructionSet {
  /// One row of a bilinear resize of pixels with 3 channels: two source rows, `[width][3]` results.
  ///
  /// `lefts[x]` and `rights[x]` are floats from a row's start to the pixels either side, `fractions[x]` the weight of the
  /// right one, `fraction` that of the bottom row; the order of operations is PyTorch's.
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

  /// RGB bytes as `(byte / 255 - mean) / deviation`, channel by channel.
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
