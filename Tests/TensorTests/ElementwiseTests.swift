import Tensor
import TensorTestSupport
import TestSupport
import Testing

/// Addition and scaling of channels.
@Suite struct ElementwiseTests {
  @Test(arguments: Engine.availableLevels, Activation.allCases)
  func additionOfEveryCountOfChannels(_ level: InstructionSetLevel, _ activation: Activation) throws {
    let engine = try Engine(level: level, threads: 2)
    let addition = Addition(activation: activation, engine: engine)
    let lanes = engine.kernels.lanes
    for channels in Array(1...lanes + 1) + [2 * lanes + 3] {
      let shape = Shape(batch: 2, height: 3, width: 1, channels: channels)
      let (a, b) = try (tensor(shape, seed: 1), tensor(shape, seed: 2))
      let output = try addition(a, b)
      let sums = zip(a.values, b.values).map { activation.reference(Double($0 + $1)) }
      #expect(mismatch(output.values, sums, .activation) == nil, "\(channels) channels")
      // In a slice, pixels are not contiguous, and their neighbours must stay.
      var wide = try Tensor(shape: shape.withChannels(channels + 2), repeating: -1)
      try addition(a, b, into: &wide, at: 1)
      #expect(wide.channels(1..<1 + channels) == output.values)
      #expect((wide.channels(0..<1) + wide.channels(1 + channels..<2 + channels)).allSatisfy { $0 == -1 })
    }
  }

  /// More elements than a thread adds at a time.
  @Test func largeMaps() throws {
    let shape = Shape(batch: 1, height: 70, width: 41, channels: 17)
    let (a, b) = try (tensor(shape, seed: 1), tensor(shape, seed: 2))
    let output = try Addition(engine: Engine(threads: 2))(a, b)
    #expect(output.values == zip(a.values, b.values).map { $0 + $1 })
  }

  @Test func additionInPlace() throws {
    let addition = Addition(engine: try Engine(threads: 1))
    var a = try Tensor(shape: Shape(height: 1, width: 1, channels: 3), values: [1, 2, 3])
    let before = a
    try addition(a, a, into: &a)
    #expect(a.values == [2, 4, 6])
    #expect(before.values == [1, 2, 3])
  }

  @Test(arguments: Engine.availableLevels)
  func scalingOfEveryCountOfChannels(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 2)
    let scaling = ChannelScaling(engine: engine)
    let lanes = engine.kernels.lanes
    for channels in Array(1...lanes + 1) + [2 * lanes + 3] {
      let shape = Shape(batch: 2, height: 3, width: 2, channels: channels)
      let input = try tensor(shape, seed: 1)
      let factors = try tensor(Shape(batch: 2, height: 1, width: 1, channels: channels), seed: 2)
      let expected = (0..<shape.count).map { index in
        input.values[index] * factors.values[index / (6 * channels) * channels + index % channels]
      }
      #expect(try scaling(input, by: factors).values == expected)
      var wide = try Tensor(shape: shape.withChannels(channels + 2), repeating: -1)
      try scaling(input, by: factors, into: &wide, at: 1)
      #expect(wide.channels(1..<1 + channels) == expected)
      #expect((wide.channels(0..<1) + wide.channels(1 + channels..<2 + channels)).allSatisfy { $0 == -1 })
    }
  }

  @Test func concatenation() throws {
    let concatenation = Concatenation(engine: try Engine(threads: 2))
    let shape = Shape(batch: 2, height: 2, width: 3, channels: 1)
    let inputs = try [1, 3, 2].enumerated().map { try tensor(shape.withChannels($1), seed: UInt64($0)) }
    let output = try concatenation(inputs)
    #expect(output.shape == shape.withChannels(6))
    #expect(output.channels(0..<1) == inputs[0].values)
    #expect(output.channels(1..<4) == inputs[1].values)
    #expect(output.channels(4..<6) == inputs[2].values)
    var wide = try Tensor(shape: shape.withChannels(9), repeating: -1)
    try concatenation(inputs, into: &wide, at: 2)
    #expect(wide.channels(2..<8) == output.values)
    #expect((wide.channels(0..<2) + wide.channels(8..<9)).allSatisfy { $0 == -1 })
  }

  @Test func refused() throws {
    let engine = try Engine(threads: 1)
    let a = try tensor(Shape(height: 1, width: 2, channels: 3), seed: 1)
    let b = try tensor(Shape(height: 2, width: 1, channels: 3), seed: 1)
    #expect(
      throws: TensorError.invalidShape("an addition needs two tensors of one shape, got [1, 1, 2, 3] and [1, 2, 1, 3]")
    ) { try Addition(engine: engine)(a, b) }
    #expect(
      throws: TensorError.invalidShape(
        "the channels of [1, 1, 2, 3] need factors of shape [1, 1, 1, 3], got [1, 2, 1, 3]")
    ) { try ChannelScaling(engine: engine)(a, by: b) }
    let concatenation = Concatenation(engine: engine)
    #expect(throws: TensorError.invalidShape("a concatenation needs at least 1 tensor, got 0")) {
      try concatenation([])
    }
    #expect(
      throws: TensorError.invalidShape(
        "a concatenation needs tensors that differ only in channels, got [1, 1, 2, 3] and [1, 2, 1, 3]")
    ) { try concatenation([a, b]) }
    let half = Shape(height: 1 << 16, width: 1 << 15, channels: 1)
    #expect(
      throws: TensorError.invalidShape(
        "a tensor must have extents of at least 1 and at most 2^32 elements, got [1, 65536, 32768, 3]")
    ) { try concatenation.outputShape(for: [half, half, half]) }
  }

  /// The rules for a place in an existing tensor, which all operators share.
  @Test func outputsThatDoNotFit() throws {
    let sigmoid = Sigmoid(engine: try Engine(threads: 1))
    let input = try tensor(Shape(height: 1, width: 2, channels: 3), seed: 1)
    var wide = try Tensor(shape: Shape(height: 1, width: 2, channels: 5))
    for channel in [-1, 3, Int.max, Int.min] {
      #expect(
        throws: TensorError.invalidShape(
          "the output has shape [1, 1, 2, 5], the result [1, 1, 2, 3] does not fit into its channels from \(channel) on"
        )
      ) { try sigmoid(input, into: &wide, at: channel) }
    }
    #expect(throws: TensorError.invalidShape("the output has shape [1, 1, 2, 5], the result [1, 1, 2, 3]")) {
      try sigmoid(input, into: &wide)
    }
    var tall = try Tensor(shape: Shape(height: 2, width: 2, channels: 5))
    #expect(throws: TensorError.invalidShape("the output has shape [1, 2, 2, 5], the result [1, 1, 2, 3]")) {
      try sigmoid(input, into: &tall, at: 0)
    }
    try sigmoid(input, into: &wide, at: 2)
    let expected = try sigmoid(input).values
    #expect(wide.channels(2..<5) == expected)
    #expect(wide.channels(0..<2).allSatisfy { $0 == 0 })
  }

  @Test(arguments: Engine.availableLevels, [Activation.relu, .relu6, .hardswish, .hardsigmoid])
  func activationsOfNaNAndTheLimits(_ level: InstructionSetLevel, _ activation: Activation) throws {
    let addition = Addition(activation: activation, engine: try Engine(level: level, threads: 1))
    let values: [Float] = [.nan, -3, 3, 6, 7, -0.0, 0, -100, 100, 2.5]
    let shape = Shape(height: 1, width: 1, channels: values.count)
    let output = try addition(Tensor(shape: shape, values: values), Tensor(shape: shape))
    #expect(output.values[0].isNaN)
    let expected = values.dropFirst().map { activation.reference(Double($0)) }
    #expect(mismatch(Array(output.values.dropFirst()), expected, .activation) == nil)
  }

  private func tensor(_ shape: Shape, seed: UInt64) throws -> Tensor {
    var generator = SeededGenerator(seed: seed)
    return try Tensor(shape: shape, values: generator.floats(shape.count, in: -5...5))
  }
}
