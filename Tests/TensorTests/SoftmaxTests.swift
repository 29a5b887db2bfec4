import Glibc
import Tensor
import TensorTestSupport
import TestSupport
import Testing

@Suite struct SoftmaxTests {
  @Test(arguments: [1, 2, 3, 91, 1000])
  func againstDouble(_ channels: Int) throws {
    var generator = SeededGenerator(seed: 7)
    let shape = Shape(batch: 2, height: 2, width: 3, channels: channels)
    let input = try Tensor(shape: shape, values: generator.floats(shape.count, in: -20...20))
    let output = try Softmax(engine: Engine(threads: 2))(input)
    var expected: [Double] = []
    for pixel in 0..<shape.pixels {
      let values = input.values[pixel * channels..<(pixel + 1) * channels].map { exp(Double($0)) }
      let sum = values.reduce(0, +)
      expected += values.map { $0 / sum }
    }
    #expect(output.shape == shape)
    #expect(mismatch(output.values, expected, .softmax) == nil)
  }

  @Test func largeNumbersDoNotOverflow() throws {
    let softmax = Softmax(engine: try Engine(threads: 1))
    func result(_ values: [Float]) throws -> [Float] {
      try softmax(Tensor(shape: Shape(height: 1, width: 1, channels: values.count), values: values)).values
    }
    #expect(try result([3e38, 3e38]) == [0.5, 0.5])
    #expect(try result([-3e38, 0]) == [0, 1])
    #expect(try result([-.infinity, 5]) == [0, 1])
    #expect(try result([.infinity, 1]).allSatisfy(\.isNaN))
    #expect(try result([1, .nan, 2]).allSatisfy(\.isNaN))
    #expect(try result([-.infinity, -.infinity]).allSatisfy(\.isNaN))
  }

  @Test func intoASliceAndInPlace() throws {
    let engine = try Engine(threads: 1)
    let softmax = Softmax(engine: engine)
    let input = try Tensor(shape: Shape(height: 1, width: 2, channels: 2), values: [1, 1, 4, 4])
    var wide = try Tensor(shape: Shape(height: 1, width: 2, channels: 3), repeating: -1)
    try softmax(input, into: &wide, at: 1)
    #expect(wide.values == [-1, 0.5, 0.5, -1, 0.5, 0.5])
    var same = input
    same.withMutableView { view in engine.withWorkspace { softmax(view, into: view, $0) } }
    #expect(same.values == [0.5, 0.5, 0.5, 0.5])
    #expect(input.values == [1, 1, 4, 4])
  }
}
