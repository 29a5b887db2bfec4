extension InstructionSet {
  /// `output[c]` = sum over `count` taps of `weights[tap] * taps[tap][c]`: interpolation between pixels, all channels at
  /// once.
  @inlinable @inline(__always)
  public static func weightedSum(
    _ taps: UnsafePointer<UnsafePointer<Float>>, _ weights: UnsafePointer<Float>, _ count: Int, _ channels: Int,
    _ output: UnsafeMutablePointer<Float>
  ) {
    var channel = 0
    while channel &+ lanes <= channels {
      var sum = Vector.zero
      for tap in 0..<count {
        sum = multiplyAdd(Vector(repeating: weights[tap]), load(taps[tap] + channel), sum)
      }
      store(sum, output + channel)
      channel &+= lanes
    }
    while channel < channels {
      var sum: Float = 0
      for tap in 0..<count { sum += weights[tap] * taps[tap][channel] }
      output[channel] = sum
      channel &+= 1
    }
  }
}
