extension StorageInstructionSet {
  /// Writes, for `count` pixels of a map of bytes or bfloat16, the largest value of each channel over all taps; NaN
  /// wins.
  ///
  /// `taps[position * tapStride + pixel]` addresses the channels that `position` reads for `pixel`. Strides are in
  /// elements. Bytes and bfloat16 have the order of the floats they stand for, so nothing is converted.
  @inlinable @inline(__always)
  public static func maximumPool(
    _ taps: UnsafePointer<UnsafeRawPointer>, _ tapStride: Int, _ positions: Int, _ channels: Int,
    _ output: UnsafeMutableRawPointer, _ outputStride: Int, _ count: Int, _ kind: MapFormat.Kind
  ) {
    let format = MapFormat(kind)
    for pixel in 0..<count {
      let taps = taps + pixel
      let output = output + pixel &* outputStride &* format.byteCount
      var channel = 0
      while kind == .byte, channel &+ byteLanes <= channels {
        maximumBytes(taps, tapStride, positions, channel, output + channel)
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
  public static func convert(
    _ source: UnsafeRawPointer, _ from: MapFormat, _ target: UnsafeMutableRawPointer, _ to: MapFormat, _ count: Int
  ) {
    var index = 0
    while index < count {
      store(load(source + index &* from.byteCount, from), target + index &* to.byteCount, to)
      index &+= lanes
    }
  }
}
