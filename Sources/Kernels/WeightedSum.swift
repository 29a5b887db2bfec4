extension InstructionSet {
  /// Interpolates between pixels: writes `output[c]`, the sum over `count` taps of `weights[tap] * taps[tap][c]`, for
  /// all channels.
  @inlinable @inline(__always)
  public static func weightedSum(
    _ taps: UnsafePointer<UnsafeRawPointer>, _ weights: UnsafePointer<Float>, _ count: Int, _ channels: Int,
    _ output: UnsafeMutableRawPointer
  ) {
    var channel = 0
    while channel &+ lanes <= channels {
      var sum = Vector.zero
      for tap in 0..<count {
        sum = multiplyAdd(Vector(repeating: weights[tap]), load(taps[tap], channel), sum)
      }
      store(sum, output, channel)
      channel &+= lanes
    }
    while channel < channels {
      var sum: Float = 0
      for tap in 0..<count { sum += weights[tap] * taps[tap].load(fromByteOffset: 4 &* channel, as: Float.self) }
      output.storeBytes(of: sum, toByteOffset: 4 &* channel, as: Float.self)
      channel &+= 1
    }
  }
}

extension StorageInstructionSet {
  /// Interpolates between pixels of a bfloat16 map: writes `output[c]`, the sum over `count` taps of
  /// `weights[tap] * taps[tap][c]`, for all channels. Sums are in single precision.
  @inlinable @inline(__always)
  public static func weightedSumOfBFloats(
    _ taps: UnsafePointer<UnsafeRawPointer>, _ weights: UnsafePointer<Float>, _ count: Int, _ channels: Int,
    _ output: UnsafeMutableRawPointer
  ) {
    var channel = 0
    while channel &+ lanes <= channels {
      var sum = Vector.zero
      for tap in 0..<count {
        sum = multiplyAdd(Vector(repeating: weights[tap]), loadBFloats(taps[tap] + 2 &* channel), sum)
      }
      storeBFloats(sum, output + 2 &* channel)
      channel &+= lanes
    }
    while channel < channels {
      var sum: Float = 0
      for tap in 0..<count {
        let bits = taps[tap].load(fromByteOffset: 2 &* channel, as: UInt16.self)
        sum += weights[tap] * Float(bitPattern: UInt32(bits) &<< 16)
      }
      output.storeBytes(of: sum.bfloat16, toByteOffset: 2 &* channel, as: UInt16.self)
      channel &+= 1
    }
  }
}
