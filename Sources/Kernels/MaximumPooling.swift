/// The operands of max pooling, for maps of any format. Strides are in elements.
public struct MaximumPoolOperands {
  /// `[positions][tapStride]` addresses: `taps[position * tapStride + pixel]` addresses the channels that `position`
  /// reads for `pixel`.
  public var taps: UnsafePointer<UnsafeRawPointer>
  /// Addresses from one position to the next.
  public var tapStride: Int
  /// Positions of the window.
  public var positions: Int
  /// Channels of a pixel.
  public var channels: Int
  /// The first pixel of the output.
  public var output: UnsafeMutableRawPointer
  /// Elements from one pixel of the output to the next.
  public var outputStride: Int
  /// Output pixels.
  public var count: Int

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    taps: UnsafePointer<UnsafeRawPointer>, tapStride: Int, positions: Int, channels: Int,
    output: UnsafeMutableRawPointer, outputStride: Int, count: Int
  ) {
    self.taps = taps
    self.tapStride = tapStride
    self.positions = positions
    self.channels = channels
    self.output = output
    self.outputStride = outputStride
    self.count = count
  }
}

extension InstructionSet {
  /// Writes, for `count` pixels, the largest value of each channel over all taps; NaN wins.
  ///
  /// `taps[position * tapStride + pixel]` addresses the channels that `position` reads for `pixel`.
  @inlinable @inline(__always)
  public static func maximumPool(_ operands: MaximumPoolOperands) {
    assert(operands.positions > 0 && operands.channels > 0 && operands.count <= operands.tapStride)
    for pixel in 0..<operands.count {
      let taps = operands.taps + pixel
      let output = operands.output.assumingMemoryBound(to: Float.self) + pixel &* operands.outputStride
      var channel = 0
      while channel &+ lanes <= operands.channels {
        var largest = load(taps.pointee, channel)
        for position in 1..<operands.positions {
          largest = maximumOrNaN(load(taps[position &* operands.tapStride], channel), largest)
        }
        store(largest, output + channel)
        channel &+= lanes
      }
      while channel < operands.channels {
        var largest = taps.pointee.load(fromByteOffset: 4 &* channel, as: Float.self)
        for position in 1..<operands.positions {
          let value = taps[position &* operands.tapStride].load(fromByteOffset: 4 &* channel, as: Float.self)
          if value > largest || value.isNaN { largest = value }
        }
        output[channel] = largest
        channel &+= 1
      }
    }
  }
}
