import Kernels
import Tensor
import TensorTestSupport
import TestSupport
import Testing

/// Every tile of dot products of every table, without the operators around it, on integers whose sums are exact.
@Suite struct DotTileTests {
  @Test(arguments: Engine.availableLevels, [MapFormat.Kind.byte, .bfloat16])
  func integersAreExact(_ level: InstructionSetLevel, _ kind: MapFormat.Kind) throws {
    let kernels = try Engine(level: level, threads: 1).reducedPrecision
    guard let dots = kind == .byte ? kernels.bytes : kernels.bfloats?.dots else {
      #expect(level != .avx512dot)
      return
    }
    #expect(dots.tileSizes.maximumColumns > 0)
    for slot in 0..<4 {
      guard let tile = dots.tiles[slot] else {
        #expect(slot >= dots.tileSizes.maximumColumns, "a table has no gaps")
        continue
      }
      check(tile, slot, kernels.lanes, kind, dots.weightBytes)
    }
  }

  private func check(_ tile: DotTileKernel, _ slot: Int, _ lanes: Int, _ kind: MapFormat.Kind, _ weightBytes: Int) {
    #expect(tile.columns == slot + 1)
    for (count, depth, positions) in [(0, 1, 1), (1, 1, 1), (1, 3, 2), (2, 2, 3), (7, 17, 1)] {
      for isBefore in [nil, false, true] {
        for activation in [Activation.none, .relu] {
          let run = Case(
            tile: tile, lanes: lanes, kind: kind, weightBytes: weightBytes, count: count, depth: depth,
            positions: positions, isBefore: isBefore, activation: activation)
          #expect(run.mismatch() == nil, "\(tile.rows)x\(tile.columns): \(count), \(depth), \(positions)")
        }
      }
    }
  }

  private struct Case {
    let tile: DotTileKernel
    let lanes: Int
    let kind: MapFormat.Kind
    let weightBytes: Int
    let count: Int
    let depth: Int
    let positions: Int
    let isBefore: Bool?
    let activation: Activation

    /// Numbers in a word.
    var group: Int { kind == .byte ? 4 : 2 }

    /// The bits of a number in a word.
    func bits(_ value: Int) -> UInt32 {
      kind == .byte ? UInt32(UInt8(truncatingIfNeeded: value)) : UInt32(Float(value).bfloat16)
    }

    func mismatch() -> String? {
      let (pixels, width) = (count * tile.rows, tile.columns * lanes)
      let (stride, residualStride) = (width + 3, width + 2)
      var generator = SeededGenerator(seed: UInt64(count * 100 + depth))
      func integers(_ count: Int, _ range: ClosedRange<Int>) -> [Int] {
        (0..<count).map { _ in Int.random(in: range, using: &generator) }
      }
      let input = integers((pixels * positions + 1) * depth * group, kind == .byte ? 0...255 : -9...9)
      let weights = integers(positions * depth * width * group, kind == .byte ? -127...127 : -9...9)
      let bias = integers(width, -3...3).map { Float($0) }
      let scales = integers(width, 0...3).map { Float(1 << $0) }
      let residual = integers(pixels * residualStride + width, 0...100)
      let places = (0..<pixels * positions).shuffled(using: &generator)
      var output = [Float](repeating: sentinel, count: pixels * stride + width)

      let shift = 32 / group
      func words(_ values: [Int]) -> [UInt32] {
        Swift.stride(from: 0, to: values.count, by: group).map { first in
          (0..<group).reduce(0) { $0 | bits(values[first + $1]) << (shift * $1) }
        }
      }
      var packed = words(weights)
      if weightBytes == 8 {
        // Pairs of 16 bits: first those of all lanes' first two numbers, then of the last two.
        packed = Swift.stride(from: 0, to: weights.count, by: group * lanes).flatMap { vector in
          [0, 2].flatMap { half in
            (0..<lanes).map { lane -> UInt32 in
              let first = vector + group * lane + half
              return UInt32(UInt16(truncatingIfNeeded: weights[first]))
                | UInt32(UInt16(truncatingIfNeeded: weights[first + 1])) << 16
            }
          }
        }
      }
      let format = MapFormat(kind, scale: 2, zero: 50)
      let residualBytes = residual.flatMap { value in
        kind == .byte ? [UInt8(value)] : [UInt8(bits(value) & 0xff), UInt8(bits(value) >> 8)]
      }
      words(input).withUnsafeBytes { input in
        packed.withUnsafeBytes { packed in
          residualBytes.withUnsafeBytes { residual in
            bias.withUnsafeBufferPointer { bias in
              scales.withUnsafeBufferPointer { scales in
                output.withUnsafeMutableBytes { output in
                  guard let input = input.baseAddress, let packed = packed.baseAddress, let bias = bias.baseAddress,
                    let scales = scales.baseAddress, let output = output.baseAddress
                  else { return }
                  let taps = places.map { input + $0 * depth * 4 } + [input]
                  taps.withUnsafeBufferPointer { taps in
                    guard let taps = taps.baseAddress else { return }
                    var operands = DotOperands(
                      taps: taps, tapStride: pixels, positions: positions, depth: depth, weights: packed, bias: bias,
                      scales: scales, activation: activation, residual: isBefore == nil ? nil : residual.baseAddress,
                      residualStride: residualStride, residualFormat: format, addsBeforeActivation: isBefore ?? false,
                      output: output, outputStride: stride, outputFormat: MapFormat(.float32))
                    tile.run(&operands, count)
                  }
                }
              }
            }
          }
        }
      }
      var expected = [Double](repeating: Double(sentinel), count: output.count)
      for pixel in 0..<pixels {
        for channel in 0..<width {
          var sum = 0
          for position in 0..<positions {
            for k in 0..<depth * group {
              let weight = ((position * depth + k / group) * width + channel) * group + k % group
              sum += input[places[position * pixels + pixel] * depth * group + k] * weights[weight]
            }
          }
          let stored = residual[pixel * residualStride + channel]
          let added = kind == .byte ? 2 * (stored - 50) : stored
          var value = Double(sum) * Double(scales[channel]) + Double(bias[channel])
          if isBefore == true { value += Double(added) }
          if activation == .relu { value = max(value, 0) }
          if isBefore == false { value += Double(added) }
          expected[pixel * stride + channel] = value
        }
      }
      return TensorTestSupport.mismatch(output, expected)
    }
  }
}

private let sentinel: Float = 12_345.5
