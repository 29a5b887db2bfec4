/// The operands of an interpolation between pixels.
public struct WeightedSumOperands {
  /// `[count]` addresses of pixels.
  public var taps: UnsafePointer<UnsafeRawPointer>
  /// `[count]` weights.
  public var weights: UnsafePointer<Float>
  /// The number of pixels.
  public var count: Int
  /// Channels of a pixel.
  public var channels: Int
  /// `[channels]`.
  public var output: UnsafeMutableRawPointer

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    taps: UnsafePointer<UnsafeRawPointer>, weights: UnsafePointer<Float>, count: Int, channels: Int,
    output: UnsafeMutableRawPointer
  ) {
    self.taps = taps
    self.weights = weights
    self.count = count
    self.channels = channels
    self.output = output
  }
}

extension InstructionSet {
  /// Interpolates between pixels: writes `output[c]`, the sum over `count` taps of `weights[tap] * taps[tap][c]`, for
  /// all channels.
  @inlinable @inline(__always)
  public static func weightedSum(_ operands: WeightedSumOperands) {
    assert(operands.count >= 0 && operands.channels > 0)
    var channel = 0
    while channel &+ lanes <= operands.channels {
      var sum = Vector.zero
      for tap in 0..<operands.count {
        sum = multiplyAdd(Vector(repeating: operands.weights[tap]), load(operands.taps[tap], channel), sum)
      }
      store(sum, operands.output, channel)
      channel &+= lanes
    }
    while channel < operands.channels {
      var sum: Float = 0
      for tap in 0..<operands.count {
        sum += operands.weights[tap] * operands.taps[tap].load(fromByteOffset: 4 &* channel, as: Float.self)
      }
      operands.output.storeBytes(of: sum, toByteOffset: 4 &* channel, as: Float.self)
      channel &+= 1
    }
  }
}

extension StorageInstructionSet {
  /// Interpolates between pixels of a bfloat16 map: writes `output[c]`, the sum over `count` taps of
  /// `weights[tap] * taps[tap][c]`, for all channels. Sums are in single precision.
  @inlinable @inline(__always)
  public static func weightedSumOfBFloats(_ operands: WeightedSumOperands) {
    assert(operands.count >= 0 && operands.channels > 0)
    var channel = 0
    while channel &+ lanes <= operands.channels {
      var sum = Vector.zero
      for tap in 0..<operands.count {
        sum = multiplyAdd(Vector(repeating: operands.weights[tap]), loadBFloats(operands.taps[tap] + 2 &* channel), sum)
      }
      storeBFloats(sum, operands.output + 2 &* channel)
      channel &+= lanes
    }
    while channel < operands.channels {
      var sum: Float = 0
      for tap in 0..<operands.count {
        let bits = operands.taps[tap].load(fromByteOffset: 2 &* channel, as: UInt16.self)
        sum += operands.weights[tap] * Float(bitPattern: UInt32(bits) &<< 16)
      }
      operands.output.storeBytes(of: sum.bfloat16, toByteOffset: 2 &* channel, as: UInt16.self)
      channel &+= 1
    }
  }
}
