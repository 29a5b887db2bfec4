import Tensor
import TensorTestSupport
import TestSupport
import Testing

@Suite struct GlobalAveragePoolingTests {
  @Test(arguments: Engine.availableLevels, [(1, 1), (1, 9), (7, 1), (7, 7), (13, 5)])
  func integersAreExact(_ level: InstructionSetLevel, _ extent: (height: Int, width: Int)) throws {
    let engine = try Engine(level: level, threads: 2)
    for channels in [1, engine.kernels.lanes - 1, engine.kernels.lanes, 2 * engine.kernels.lanes + 3] {
      let shape = Shape(batch: 3, height: extent.height, width: extent.width, channels: channels)
      var generator = SeededGenerator(seed: 8)
      let input = try Tensor(shape: shape, values: generator.integers(shape.count))
      let output = try GlobalAveragePooling(engine: engine)(input)
      #expect(output.shape == Shape(batch: 3, height: 1, width: 1, channels: channels))
      #expect(mismatch(output.values, means(input).map { Double(Float($0)) }) == nil, "\(shape)")
    }
  }

  /// A sum of a million equal numbers one by one would be off by more than the tolerance.
  @Test func largeMap() throws {
    let input = try Tensor(shape: Shape(height: 1000, width: 1000, channels: 1), repeating: 0.1)
    let output = try GlobalAveragePooling(engine: Engine(threads: 1))(input)
    #expect(abs(output.values[0] - 0.1) <= Tolerance.largeAverage)
  }

  @Test func intoASlice() throws {
    let engine = try Engine(threads: 2)
    let input = try Tensor(shape: Shape(batch: 2, height: 1, width: 2, channels: 2), values: [1, 2, 3, 4, 5, 6, 7, 8])
    var wide = try Tensor(shape: Shape(batch: 2, height: 1, width: 1, channels: 4), repeating: -1)
    try GlobalAveragePooling(engine: engine)(input, into: &wide, at: 1)
    #expect(wide.values == [-1, 2, 3, -1, -1, 6, 7, -1])
  }

  private func means(_ input: Tensor) -> [Double] {
    let shape = input.shape
    return (0..<shape.batch).flatMap { n in
      (0..<shape.channels).map { channel in
        var sum = 0.0
        for y in 0..<shape.height { for x in 0..<shape.width { sum += Double(input[n, y, x, channel]) } }
        return sum / Double(shape.height * shape.width)
      }
    }
  }
}
