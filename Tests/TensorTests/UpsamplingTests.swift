import Tensor
import TestSupport
import Testing

@Suite struct UpsamplingTests {
  @Test(arguments: [1, 2, 3], [(1, 1), (1, 7), (5, 1), (3, 4)])
  func everyPixelIsRepeated(_ threads: Int, _ extent: (height: Int, width: Int)) throws {
    let engine = try Engine(threads: threads)
    for scale in [Extent(2), 1, Extent(height: 1, width: 3), Extent(height: 3, width: 2)] {
      for channels in [1, 3, 17] {
        var generator = SeededGenerator(seed: 6)
        let shape = Shape(batch: 2, height: extent.height, width: extent.width, channels: channels)
        let input = try Tensor(shape: shape, values: generator.floats(shape.count))
        let output = try Upsampling(scale: scale, engine: engine)(input)
        #expect(
          output.shape
            == Shape(
              batch: 2, height: scale.height * extent.height, width: scale.width * extent.width, channels: channels))
        for n in 0..<2 {
          for y in 0..<output.shape.height {
            for x in 0..<output.shape.width {
              for channel in 0..<channels
              where output[n, y, x, channel] != input[n, y / scale.height, x / scale.width, channel] {
                Issue.record("[\(n), \(y), \(x), \(channel)] differs from its source on \(shape), \(scale)")
              }
            }
          }
        }
      }
    }
  }

  @Test func sliceIntoASlice() throws {
    let engine = try Engine(threads: 2)
    let input = try Tensor(shape: Shape(height: 2, width: 2, channels: 3), values: (0..<12).map { Float($0) })
    var output = try Tensor(shape: Shape(height: 4, width: 4, channels: 5), repeating: -1)
    output.withMutableView { output in
      engine.withWorkspace { workspace in
        input.withView { Upsampling.nearest($0.channels(1..<3), into: output.channels(2..<4), workspace) }
      }
    }
    #expect(output.channels(2..<4) == [1, 2, 1, 2, 4, 5, 4, 5].twice + [7, 8, 7, 8, 10, 11, 10, 11].twice)
    #expect((output.channels(0..<2) + output.channels(4..<5)).allSatisfy { $0 == -1 })
  }

  /// A size that is no multiple, as in a feature pyramid of odd maps.
  @Test func anySize() throws {
    let engine = try Engine(threads: 1)
    let input = try Tensor(shape: Shape(height: 1, width: 3, channels: 1), values: [1, 2, 3])
    var output = try Tensor(shape: Shape(height: 1, width: 5, channels: 1))
    output.withMutableView { output in
      engine.withWorkspace { workspace in input.withView { Upsampling.nearest($0, into: output, workspace) } }
    }
    #expect(output.values == [1, 1, 2, 2, 3])
  }

  @Test func refused() throws {
    let engine = try Engine(threads: 1)
    for scale in [Extent(0), Extent(height: 2, width: -1), 1025] {
      #expect(
        throws: TensorError.invalidParameter("the scale of an upsampling must be 1 to 1024, got \(scale)")
      ) { try Upsampling(scale: scale, engine: engine) }
    }
    let upsampling = try Upsampling(engine: engine)
    #expect(
      throws: TensorError.invalidShape(
        "a tensor must have extents of at least 1 and at most 2^32 elements, got [1, 131072, 65536, 1]")
    ) { try upsampling.outputShape(for: Shape(height: 1 << 16, width: 1 << 15, channels: 1)) }
    for extent in [Int.max, -1, 0] {
      #expect(throws: TensorError.self) {
        try upsampling.outputShape(for: Shape(height: extent, width: 1, channels: 1))
      }
    }
  }
}

extension Array {
  fileprivate var twice: Array { self + self }
}
