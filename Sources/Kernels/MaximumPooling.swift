extension InstructionSet {
  /// Writes, for `count` pixels, the largest value of each channel over all taps; NaN wins.
  ///
  /// `taps[position * tapStride + pixel]` addresses the channels that `position` reads for `pixel`.
  @inlinable @inline(__always)
  public static func maximumPool(
    _ taps: UnsafePointer<UnsafeRawPointer>, _ tapStride: Int, _ positions: Int, _ channels: Int,
    _ output: UnsafeMutablePointer<Float>, _ outputStride: Int, _ count: Int
  ) {
    for pixel in 0..<count {
      let taps = taps + pixel
      let output = output + pixel &* outputStride
      var channel = 0
      while channel &+ lanes <= channels {
        var largest = load(taps.pointee, channel)
        for position in 1..<positions { largest = maximumOrNaN(load(taps[position &* tapStride], channel), largest) }
        store(largest, output + channel)
        channel &+= lanes
      }
      while channel < channels {
        var largest = taps.pointee.load(fromByteOffset: 4 &* channel, as: Float.self)
        for position in 1..<positions {
          let value = taps[position &* tapStride].load(fromByteOffset: 4 &* channel, as: Float.self)
          if value > largest || value.isNaN { largest = value }
        }
        output[channel] = largest
        channel &+= 1
      }
    }
  }
}
