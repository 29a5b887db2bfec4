import Tensor
import TestSupport
import Testing

/// Floats stored as bytes or bfloat16: the nearest number of the format, ties to even.
@Suite struct FormatStoringTests {
  @Test(arguments: Engine.availableLevels, [MapFormat.Kind.float32, .bfloat16, .byte])
  func everyCountRoundsToTheNearest(_ level: InstructionSetLevel, _ kind: MapFormat.Kind) throws {
    let engine = try Engine(level: level, threads: 1)
    let format = MapFormat(kind, scale: 0.5, zero: 100)
    for count in edgeSizes(engine.reducedPrecision.lanes) + [1500] {
      // Eighths, so that there are ties and values beyond the bytes' range of -50...77.5.
      let values = (0..<count).map { Float($0 * 37 % 1501 - 700) / 8 }
      var bytes = [UInt8](repeating: 77, count: count * format.byteCount + 4)
      values.withUnsafeBufferPointer { values in
        bytes.withUnsafeMutableBytes { bytes in
          guard let source = values.baseAddress, let target = bytes.baseAddress else { return }
          store(source, count: count, into: target, format, engine.reducedPrecision)
        }
      }
      #expect(bytes.suffix(4) == [77, 77, 77, 77], "\(count) values")
      bytes.withUnsafeBytes { bytes in
        for (index, value) in values.enumerated() {
          switch kind {
          case .float32: #expect(bytes.loadUnaligned(fromByteOffset: 4 * index, as: Float.self) == value)
          case .bfloat16:
            #expect(bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self) == nearestBFloat16(value))
          case .byte:
            let byte = min(max((value / 0.5 + 100).rounded(.toNearestOrEven), 0), 255)
            #expect(bytes[index] == UInt8(byte), "\(value)")
          }
        }
      }
    }
  }

  /// All numbers with nine significant bits and their neighbours, of which every second lies between two bfloat16.
  @Test func weightsRoundAsMapsDo() {
    for bits in stride(from: UInt32(0x3f00_0000), to: 0x4080_0000, by: 0x4000) {
      for value in [Float(bitPattern: bits - 1), Float(bitPattern: bits), Float(bitPattern: bits + 1)] {
        #expect(value.bfloat16 == nearestBFloat16(value))
        #expect((-value).bfloat16 == nearestBFloat16(value) | 0x8000)
      }
    }
  }

  /// By the distances to both neighbours.
  private func nearestBFloat16(_ value: Float) -> UInt16 {
    let below = UInt16(truncatingIfNeeded: value.bitPattern >> 16)
    func distance(_ bits: UInt16) -> Double {
      (Double(Float(bitPattern: UInt32(bits) << 16)) - Double(value)).magnitude
    }
    let (low, high) = (distance(below), distance(below + 1))
    return low < high || (low == high && below % 2 == 0) ? below : below + 1
  }
}
