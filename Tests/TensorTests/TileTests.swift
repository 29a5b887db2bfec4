import Kernels
import Tensor
import TensorTestSupport
import TestSupport
import Testing

/// Every tile of every table, without the operators around it.
@Suite struct TileTests {
  @Test(arguments: Engine.availableLevels, 0..<4)
  func integersAreExact(_ level: InstructionSetLevel, _ slot: Int) throws {
    let kernels = try Engine(level: level, threads: 1).kernels
    guard let tile = kernels.tiles[slot] else {
      #expect(slot >= kernels.tileSizes.maximumColumns, "a table has no gaps")
      return
    }
    #expect(tile.columns == slot + 1)
    for count in [0, 1, 2, 7] {
      for depth in [1, 2, 3, 17] {
        for positions in [1, 3] {
          for isBefore in [nil, false, true] {
            check(tile, kernels.lanes, count, depth, positions, isBefore: isBefore)
          }
        }
      }
    }
  }

  @Test(arguments: Engine.availableLevels)
  func everyLevelHasATile(_ level: InstructionSetLevel) throws {
    #expect(try Engine(level: level, threads: 1).kernels.tileSizes.maximumColumns > 0)
  }

  /// Pixels lie scattered, as the taps of a convolution do; the output has gaps between its pixels.
  private func check(
    _ tile: TileKernel, _ lanes: Int, _ count: Int, _ depth: Int, _ positions: Int, isBefore: Bool?
  ) {
    let pixels = count * tile.rows
    let width = tile.columns * lanes
    let stride = width + 3
    let residualStride = width + 2
    var generator = SeededGenerator(seed: UInt64(count * 100 + depth))
    let input = generator.integers((pixels * positions + 1) * depth)
    let weights = generator.integers(positions * depth * width)
    let bias = generator.integers(width)
    let residual = generator.integers(pixels * residualStride + width)
    let places = (0..<pixels * positions).shuffled(using: &generator)
    var output = [Float](repeating: sentinel, count: pixels * stride + width)
    for activation in [Activation.none, .relu] {
      input.withUnsafeBufferPointer { input in
        weights.withUnsafeBufferPointer { weights in
          bias.withUnsafeBufferPointer { bias in
            residual.withUnsafeBufferPointer { residual in
              output.withUnsafeMutableBufferPointer { output in
                guard let input = input.baseAddress, let weights = weights.baseAddress, let bias = bias.baseAddress,
                  let output = output.baseAddress
                else { return }
                let taps = places.map { UnsafeRawPointer(input + $0 * depth) } + [UnsafeRawPointer(input)]
                taps.withUnsafeBufferPointer { taps in
                  guard let taps = taps.baseAddress else { return }
                  var operands = TileOperands(
                    taps: taps, tapStride: pixels, positions: positions, depth: depth, weights: weights, bias: bias,
                    activation: activation, residual: isBefore == nil ? nil : residual.baseAddress,
                    residualStride: residualStride, addsBeforeActivation: isBefore ?? false, output: output,
                    outputStride: stride)
                  tile.run(&operands, count)
                }
              }
            }
          }
        }
      }
      var expected = [Double](repeating: Double(sentinel), count: output.count)
      for pixel in 0..<pixels {
        for channel in 0..<width {
          var sum = Double(bias[channel])
          for position in 0..<positions {
            for k in 0..<depth {
              sum +=
                Double(input[places[position * pixels + pixel] * depth + k])
                * Double(weights[(position * depth + k) * width + channel])
            }
          }
          let added = Double(residual[pixel * residualStride + channel])
          if isBefore == true { sum += added }
          if activation == .relu { sum = max(sum, 0) }
          if isBefore == false { sum += added }
          expected[pixel * stride + channel] = sum
        }
      }
      #expect(
        mismatch(output, expected) == nil,
        "\(tile.rows)x\(tile.columns) tile, count \(count), depth \(depth), positions \(positions), \(activation)")
    }
  }
}

private let sentinel: Float = 12_345.5
