/// The operands of a conversion from one format to another.
public struct ConversionOperands {
  /// `[count]` elements, padded to whole vectors.
  public var source: UnsafeRawPointer
  /// The format of the source.
  public var sourceFormat: MapFormat
  /// `[count]` elements, padded to whole vectors.
  public var target: UnsafeMutableRawPointer
  /// The format of the target.
  public var targetFormat: MapFormat
  /// The number of elements.
  public var count: Int

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    source: UnsafeRawPointer, sourceFormat: MapFormat, target: UnsafeMutableRawPointer, targetFormat: MapFormat,
    count: Int
  ) {
    self.source = source
    self.sourceFormat = sourceFormat
    self.target = target
    self.targetFormat = targetFormat
    self.count = count
  }
}

extension StorageInstructionSet {
  /// Writes, for `count` pixels of a map of bytes or bfloat16, the largest value of each channel over all taps; NaN
  /// wins.
  ///
  /// Bytes and bfloat16 have the order of the floats they stand for, so nothing is converted.
  @inlinable @inline(__always)
  public static func maximumPool(_ operands: MaximumPoolOperands, _ kind: MapFormat.Kind) {
    let format = MapFormat(kind)
    let (tapStride, positions, channels) = (operands.tapStride, operands.positions, operands.channels)
    assert(positions > 0 && channels > 0 && operands.count <= tapStride && kind != .float32)
    for pixel in 0..<operands.count {
      let taps = operands.taps + pixel
      let output = operands.output + pixel &* operands.outputStride &* format.byteCount
      var channel = 0
      while kind == .byte, channel &+ byteLanes <= channels {
        maximumBytes(taps, stride: tapStride, count: positions, offset: channel, into: output + channel)
        channel &+= byteLanes
      }
      while channel &+ lanes <= channels {
        let offset = channel &* format.byteCount
        var largest = load(taps.pointee + offset, format)
        for position in 1..<positions {
          largest = maximumOrNaN(load(taps[position &* tapStride] + offset, format), largest)
        }
        store(largest, output + offset, format)
        channel &+= lanes
      }
      while channel < channels {
        let offset = channel &* format.byteCount
        var largest = scalar(taps.pointee + offset, kind)
        for position in 1..<positions {
          let value = scalar(taps[position &* tapStride] + offset, kind)
          if value > largest || value.isNaN { largest = value }
        }
        if kind == .byte {
          (output + offset).storeBytes(of: UInt8(largest), as: UInt8.self)
        } else {
          (output + offset).storeBytes(of: UInt16(largest.bitPattern &>> 16), as: UInt16.self)
        }
        channel &+= 1
      }
    }
  }

  /// Reads a byte or a bfloat16 as a float.
  @inlinable @inline(__always)
  static func scalar(_ pointer: UnsafeRawPointer, _ kind: MapFormat.Kind) -> Float {
    kind == .byte
      ? Float(pointer.load(as: UInt8.self)) : Float(bitPattern: UInt32(pointer.loadUnaligned(as: UInt16.self)) &<< 16)
  }

  /// Converts `count` numbers from one format to another; whole vectors are read and written.
  @inlinable @inline(__always)
  public static func convert(_ operands: ConversionOperands) {
    let (from, to) = (operands.sourceFormat, operands.targetFormat)
    var index = 0
    while index < operands.count {
      store(load(operands.source + index &* from.byteCount, from), operands.target + index &* to.byteCount, to)
      index &+= lanes
    }
  }
}
