import Kernels
import Tensor
import TensorTestSupport
import TestSupport
import Testing

/// OpenBLAS; nil where it cannot be used.
private let library = try? OpenBLAS.system.get()

/// Every tile of every table against OpenBLAS's product, besides the reference in Double.
@Suite(.enabled(if: library != nil, "no OpenBLAS: the tiles are not compared with it"))
struct TileOracleTests {
  @Test(arguments: Engine.availableLevels, 0..<4)
  func oddSizes(_ level: InstructionSetLevel, _ slot: Int) throws {
    let kernels = try Engine(level: level, threads: 1).kernels
    guard let tile = kernels.tiles[slot], let library else { return }
    let width = tile.columns * kernels.lanes
    for (count, depth) in [(1, 1), (1, 2), (2, 3), (3, 17), (5, 129), (1, 577)] {
      var generator = SeededGenerator(seed: UInt64(1000 * count + depth))
      let rows = count * tile.rows
      let input = generator.floats(rows * depth)
      let weights = generator.floats(depth * width)
      var found = [Float](repeating: .nan, count: rows * width)
      var oracle = found
      input.withUnsafeBufferPointer { input in
        weights.withUnsafeBufferPointer { weights in
          guard let input = input.baseAddress, let weights = weights.baseAddress else { return }
          found.withUnsafeMutableBufferPointer { found in
            guard let found = found.baseAddress else { return }
            run(tile, count, depth, input: input, weights: weights, width: width, output: found)
          }
          oracle.withUnsafeMutableBufferPointer { oracle in
            guard let oracle = oracle.baseAddress else { return }
            library.multiply(
              ProductOperands(
                rows: rows, depth: depth, columns: width, a: input, aStride: depth, b: weights, bStride: width,
                c: oracle, cStride: width))
          }
        }
      }
      let magnitudes = (0..<rows * width).map { index in
        (0..<depth).reduce(0.0) {
          $0 + abs(Double(input[index / width * depth + $1]) * Double(weights[$1 * width + index % width]))
        }
      }
      #expect(
        mismatch(found, oracle.map(Double.init), magnitudes: magnitudes, .matrixProduct) == nil,
        "\(tile.rows)x\(tile.columns) tile, count \(count), depth \(depth)")
    }
  }

  private func run(
    _ tile: TileKernel, _ count: Int, _ depth: Int, input: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, width: Int, output: UnsafeMutablePointer<Float>
  ) {
    let taps = (0..<count * tile.rows).map { UnsafeRawPointer(input + $0 * depth) }
    let bias = [Float](repeating: 0, count: width)
    taps.withUnsafeBufferPointer { taps in
      bias.withUnsafeBufferPointer { bias in
        guard let taps = taps.baseAddress, let bias = bias.baseAddress else { return }
        var operands = TileOperands(
          taps: taps, tapStride: 0, positions: 1, depth: depth, weights: weights, bias: bias, activation: .none,
          residual: nil, residualStride: 0, addsBeforeActivation: false, output: output, outputStride: width)
        tile.run(&operands, count)
      }
    }
  }
}
