import Kernels
import Tensor
import TensorTestSupport
import TestSupport
import Testing

/// Fully connected layers against plain loops in Double.
@Suite struct LinearTests {
  @Test(arguments: Engine.availableLevels, [1, 2])
  func everyCountOfRows(_ level: InstructionSetLevel, _ threads: Int) throws {
    let engine = try Engine(level: level, threads: threads)
    for rows in [1, 5, 6, 7, 12, 13, 239, 240, 241, 500] {
      try expectExact(rows: rows, inputs: 19, outputs: 21, .none, engine)
    }
  }

  @Test(arguments: Engine.availableLevels, [1, 15, 16, 17, 64, 65, 455])
  func everyCountOfOutputs(_ level: InstructionSetLevel, _ outputs: Int) throws {
    let engine = try Engine(level: level, threads: 2)
    for activation in [Activation.none, .relu, .relu6] {
      try expectExact(rows: 14, inputs: 33, outputs: outputs, activation, engine)
    }
  }

  /// Around the parts in which the depth is summed.
  @Test(arguments: Engine.availableLevels, [1, 2, 511, 512, 513, 1024, 1027, 2500])
  func everyDepth(_ level: InstructionSetLevel, _ inputs: Int) throws {
    let engine = try Engine(level: level, threads: 2)
    try expectExact(rows: 13, inputs: inputs, outputs: 70, .relu, engine)
  }

  @Test(arguments: Engine.availableLevels)
  func randomValues(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 2)
    var generator = SeededGenerator(seed: 5)
    let (rows, inputs, outputs) = (31, 1500, 40)
    let operands = Operands(
      rows: rows, input: generator.floats(rows * inputs), weights: generator.floats(outputs * inputs),
      bias: generator.floats(outputs), activation: .none)
    let found = try operands.run(engine)
    for (index, expected) in operands.reference().enumerated() {
      let magnitude = operands.magnitude(index)
      #expect(abs(Double(found[index]) - expected) <= Tolerance.matrixProduct.relative * magnitude, "\(index)")
    }
  }

  /// Every pixel is a row, and the result may be some of the channels of a wider tensor.
  @Test func pixelsOfAMapIntoASlice() throws {
    let engine = try Engine(threads: 2)
    let layer = try Linear(inputs: 2, outputs: 3, weights: [1, 0, 0, 1, 1, 1], engine: engine)
    let input = try Tensor(
      shape: Shape(batch: 2, height: 1, width: 2, channels: 2), values: [1, 2, 3, 4, 5, 6, 7, 8])
    let expected: [Float] = [1, 2, 3, 3, 4, 7, 5, 6, 11, 7, 8, 15]
    #expect(try layer(input).values == expected)
    var wide = try Tensor(shape: Shape(batch: 2, height: 1, width: 2, channels: 5), repeating: -1)
    try layer(input, into: &wide, at: 1)
    #expect(wide.channels(1..<4) == expected)
    #expect((wide.channels(0..<1) + wide.channels(4..<5)).allSatisfy { $0 == -1 })
  }

  @Test func refused() throws {
    let engine = try Engine(threads: 1)
    func linear(_ inputs: Int, _ outputs: Int, _ weights: [Float], _ bias: [Float]? = nil) throws -> Linear {
      try Linear(inputs: inputs, outputs: outputs, weights: weights, bias: bias, engine: engine)
    }
    #expect(throws: TensorError.invalidParameter("inputs must be 1 to 1048576, got -1")) { try linear(-1, 2, []) }
    #expect(throws: TensorError.invalidParameter("outputs must be 1 to 1048576, got \(Int.max)")) {
      try linear(2, .max, [])
    }
    #expect(throws: TensorError.invalidShape("a fully connected layer [2, 3] needs 6 weights, got 5")) {
      try linear(3, 2, [1, 2, 3, 4, 5])
    }
    #expect(throws: TensorError.invalidShape("a fully connected layer to 1 channels needs 1 biases, got 2")) {
      try linear(1, 1, [1], [1, 2])
    }
    #expect(throws: TensorError.invalidParameter("every weight must be finite, but weight 1 is nan")) {
      try linear(2, 1, [1, .nan])
    }
    #expect(throws: TensorError.invalidShape("a fully connected layer of 1 inputs got an input of shape [1, 1, 1, 2]"))
    { try linear(1, 1, [1])(Tensor(shape: Shape(height: 1, width: 1, channels: 2))) }
  }

  private func expectExact(
    rows: Int, inputs: Int, outputs: Int, _ activation: Activation, _ engine: Engine
  ) throws {
    func integers(_ count: Int, _ salt: Int) -> [Float] { (0..<count).map { Float(($0 * 7 + salt) % 13 - 6) } }
    let operands = Operands(
      rows: rows, input: integers(rows * inputs, 1), weights: integers(outputs * inputs, 4),
      bias: integers(outputs, 2), activation: activation)
    #expect(
      try operands.run(engine).map(Double.init) == operands.reference(), "\(rows) rows, \(inputs) -> \(outputs)")
  }
}

private struct Operands {
  let rows: Int
  let input: [Float]
  let weights: [Float]
  let bias: [Float]
  let activation: Activation

  var outputs: Int { bias.count }
  var inputs: Int { weights.count / outputs }

  func run(_ engine: Engine) throws -> [Float] {
    let layer = try Linear(
      inputs: inputs, outputs: outputs, weights: weights, bias: bias, activation: activation, engine: engine)
    return try layer(Tensor(shape: Shape(batch: rows, height: 1, width: 1, channels: inputs), values: input)).values
  }

  func reference() -> [Double] {
    (0..<rows * outputs).map { index in
      let sum = products(index).reduce(Double(bias[index % outputs]), +)
      return activation.reference(sum)
    }
  }

  func magnitude(_ index: Int) -> Double {
    products(index).reduce(abs(Double(bias[index % outputs]))) { $0 + abs($1) }
  }

  private func products(_ index: Int) -> [Double] {
    let (row, output) = (index / outputs, index % outputs)
    return (0..<inputs).map { Double(input[row * inputs + $0]) * Double(weights[output * inputs + $0]) }
  }
}
