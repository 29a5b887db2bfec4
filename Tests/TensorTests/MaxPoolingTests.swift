import Tensor
import TensorTestSupport
import TestSupport
import Testing

@Suite struct MaxPoolingTests {
  @Test(arguments: Engine.availableLevels, [1, 2, 3, 5, 9, 13])
  func everyGeometry(_ level: InstructionSetLevel, _ size: Int) throws {
    let engine = try Engine(level: level, threads: 2)
    for stride in 1...3 {
      for padding in Set([0, 1, size / 2]) where padding <= size / 2 {
        for (height, width) in [(1, 1), (1, 19), (13, 1), (2, 3), (7, 7), (13, 17)] {
          let shape = Shape(batch: 2, height: height, width: width, channels: engine.kernels.lanes + 3)
          let pooling = try MaxPooling(size: size, stride: stride, padding: padding, engine: engine)
          guard min(height, width) + 2 * padding >= size else {
            #expect(throws: TensorError.self) { try pooling(Tensor(shape: shape)) }
            continue
          }
          var generator = SeededGenerator(seed: 3)
          let input = try Tensor(shape: shape, values: generator.floats(shape.count))
          let output = try pooling(input)
          let reference = reference(pooling, input)
          #expect(output.shape == reference.shape)
          #expect(
            mismatch(output.values, reference.values) == nil,
            "size \(size), stride \(stride), padding \(padding) on \(shape)")
        }
      }
    }
  }

  /// Windows of so many positions that a row of outputs comes in several runs, or pixel by pixel.
  @Test(arguments: [40, 60, 200])
  func largeWindows(_ size: Int) throws {
    let pooling = try MaxPooling(size: size, stride: 1, padding: size / 2, engine: Engine(threads: 2))
    var generator = SeededGenerator(seed: 5)
    let shape = Shape(height: 3, width: 23, channels: 2)
    let input = try Tensor(shape: shape, values: generator.floats(shape.count))
    let output = try pooling(input)
    #expect(mismatch(output.values, reference(pooling, input).values) == nil)
  }

  @Test(arguments: Engine.availableLevels)
  func everyCountOfChannels(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 1)
    let lanes = engine.kernels.lanes
    let pooling = try MaxPooling(size: 5, stride: 1, padding: 2, engine: engine)
    for channels in edgeSizes(lanes).dropFirst() {
      var generator = SeededGenerator(seed: 4)
      let shape = Shape(height: 6, width: 4, channels: channels)
      let input = try Tensor(shape: shape, values: generator.floats(shape.count))
      let output = try pooling(input)
      #expect(mismatch(output.values, reference(pooling, input).values) == nil, "\(channels) channels")
    }
  }

  /// Wherever in the window it lies, and whatever follows it.
  @Test(arguments: Engine.availableLevels, 0..<9)
  func notANumberWins(_ level: InstructionSetLevel, _ place: Int) throws {
    let engine = try Engine(level: level, threads: 1)
    let channels = engine.kernels.lanes + 1
    var values = (0..<9 * channels).map { Float($0 % 7) }
    for channel in 0..<channels { values[place * channels + channel] = .nan }
    let input = try Tensor(shape: Shape(height: 3, width: 3, channels: channels), values: values)
    let output = try MaxPooling(size: 3, stride: 1, engine: engine)(input)
    #expect(output.values.allSatisfy { $0.isNaN })
  }

  /// Padding is smaller than every number, so a window of infinities keeps them.
  @Test(arguments: Engine.availableLevels)
  func infinities(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 1)
    let channels = engine.kernels.lanes + 1
    let pooling = try MaxPooling(size: 3, stride: 1, padding: 1, engine: engine)
    for value in [-Float.infinity, .infinity, -.greatestFiniteMagnitude] {
      let input = try Tensor(shape: Shape(height: 2, width: 2, channels: channels), repeating: value)
      let output = try pooling(input)
      #expect(output.values.allSatisfy { $0 == value })
    }
  }

  @Test(arguments: Engine.availableLevels)
  func sliceIntoASlice(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 2)
    let channels = engine.kernels.lanes + 2
    let pooling = try MaxPooling(size: 5, stride: 1, padding: 2, engine: engine)
    var generator = SeededGenerator(seed: 5)
    let shape = Shape(batch: 2, height: 5, width: 4, channels: channels)
    let input = try Tensor(shape: shape, values: generator.floats(shape.count))
    let expected = reference(pooling, input).values
    // As in spatial pyramid pooling: read one slice and write the next of the same tensor.
    var joined = try input.widened(before: 1, after: channels + 2)
    joined.withMutableView { joined in
      engine.withWorkspace { workspace in
        pooling(joined.channels(1..<1 + channels), into: joined.channels(1 + channels..<1 + 2 * channels), workspace)
      }
    }
    #expect(mismatch(joined.channels(1 + channels..<1 + 2 * channels), expected) == nil)
    #expect(joined.channels(1..<1 + channels) == input.values)
    #expect(joined.channels(0..<1).allSatisfy { $0.isNaN })
    #expect(joined.channels(1 + 2 * channels..<3 + 2 * channels).allSatisfy { $0.isNaN })
  }

  @Test func parametersOutOfRange() throws {
    let engine = try Engine(threads: 1)
    let rule = "max pooling needs a size and a stride of 1 to 1024 and a padding of at most half the size, got "
    for (size, stride, padding) in [(0, 1, 0), (1025, 1, 0), (2, 0, 0), (2, 1025, 0), (2, 1, 2), (2, 1, -1)] {
      #expect(
        throws: TensorError.invalidParameter("\(rule)size \(size), stride \(stride), padding \(padding)")
      ) { try MaxPooling(size: size, stride: stride, padding: padding, engine: engine) }
    }
  }

  @Test func windowThatDoesNotFit() throws {
    let pooling = try MaxPooling(size: 5, stride: 1, padding: 1, engine: Engine(threads: 1))
    #expect(throws: TensorError.invalidShape("a 5x5 window does not fit into [1, 2, 9, 1] with padding 1")) {
      try pooling(Tensor(shape: Shape(height: 2, width: 9, channels: 1)))
    }
  }
}

private func reference(_ pooling: MaxPooling, _ input: Tensor) -> (shape: Shape, values: [Float]) {
  func extent(_ size: Int) -> Int { (size + 2 * pooling.padding - pooling.size) / pooling.stride + 1 }
  let shape = Shape(
    batch: input.shape.batch, height: extent(input.shape.height), width: extent(input.shape.width),
    channels: input.shape.channels)
  var values: [Float] = []
  for n in 0..<shape.batch {
    for i in 0..<shape.height {
      for j in 0..<shape.width {
        for channel in 0..<shape.channels {
          var largest = -Float.infinity
          for u in 0..<pooling.size {
            for v in 0..<pooling.size {
              let (y, x) = (i * pooling.stride - pooling.padding + u, j * pooling.stride - pooling.padding + v)
              guard y >= 0, x >= 0, y < input.shape.height, x < input.shape.width else { continue }
              largest = max(largest, input[n, y, x, channel])
            }
          }
          values.append(largest)
        }
      }
    }
  }
  return (shape, values)
}
