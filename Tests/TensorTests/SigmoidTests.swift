import Glibc
import Tensor
import TensorTestSupport
import TestSupport
import Testing

/// The sigmoid, and SiLU as the activation of a 1×1 convolution that changes nothing.
@Suite struct SigmoidTests {
  @Test(arguments: Engine.availableLevels)
  func sigmoidAgainstDouble(_ level: InstructionSetLevel) throws {
    let inputs = grid(from: -87, to: 87, step: 0x1p-9)
    let values = try sigmoid(inputs, level)
    let references = inputs.map { 1 / (1 + exp(-Double($0))) }
    #expect(mismatch(values, references, .sigmoid) == nil)
  }

  @Test(arguments: Engine.availableLevels)
  func siluAgainstDouble(_ level: InstructionSetLevel) throws {
    let inputs = grid(from: -87, to: 87, step: 0x1p-9)
    let values = try silu(inputs, level)
    let references = inputs.map { Double($0) / (1 + exp(-Double($0))) }
    #expect(mismatch(values, references, .sigmoid) == nil)
  }

  @Test(arguments: Engine.availableLevels)
  func sigmoidRisesWithinZeroAndOne(_ level: InstructionSetLevel) throws {
    let inputs = grid(from: -90, to: 90, step: 0x1p-6)
    let values = try sigmoid(inputs, level)
    for (index, value) in values.enumerated() where !(0...1).contains(value) {
      Issue.record("sigmoid(\(inputs[index])) is \(value)")
    }
    for index in values.indices.dropFirst() where values[index] < values[index - 1] {
      Issue.record("sigmoid falls from \(values[index - 1]) to \(values[index]) at \(inputs[index])")
    }
  }

  /// Beyond ±87 the exponential is held at 2^±126, so that its reciprocal is not denormal.
  @Test(arguments: Engine.availableLevels)
  func saturation(_ level: InstructionSetLevel) throws {
    let far: [Float] = [-88, -89, -104, -1e30, -.greatestFiniteMagnitude]
    #expect(try sigmoid(far + [-.infinity], level).allSatisfy { $0 >= 0 && $0 <= 0x1p-125 })
    for (x, value) in zip(far, try silu(far, level)) {
      #expect(value <= 0 && value >= x * 0x1p-125, "silu(\(x)) is \(value)")
    }
    let high: [Float] = [18, 88, 89, 1e30, .greatestFiniteMagnitude, .infinity]
    #expect(try sigmoid(high, level) == .init(repeating: 1, count: high.count))
    #expect(try silu(high, level) == high)
  }

  @Test(arguments: Engine.availableLevels)
  func zeroAndTheSmallest(_ level: InstructionSetLevel) throws {
    let small: [Float] = [0, -0.0, .leastNonzeroMagnitude, -.leastNormalMagnitude]
    #expect(try sigmoid(small, level) == [0.5, 0.5, 0.5, 0.5])
    #expect(try silu(small, level) == [0, 0, 0, -.leastNormalMagnitude / 2])
  }

  @Test(arguments: Engine.availableLevels)
  func notANumberStays(_ level: InstructionSetLevel) throws {
    #expect(try sigmoid([.nan, -.nan], level).allSatisfy(\.isNaN))
    #expect(try silu([.nan, -.nan], level).allSatisfy(\.isNaN))
    let surrounded = try sigmoid([1, .nan, -1], level)
    #expect(!surrounded[0].isNaN && surrounded[1].isNaN && !surrounded[2].isNaN)
  }

  @Test(arguments: Engine.availableLevels)
  func everyLengthGivesTheSame(_ level: InstructionSetLevel) throws {
    let lanes = try Engine(level: level, threads: 1).kernels.lanes
    let inputs = grid(from: -4, to: 4, step: 0.125)
    let values = try sigmoid(inputs, level)
    for count in [1, lanes - 1, lanes, lanes + 1, 2 * lanes + 3] {
      #expect(try sigmoid(Array(inputs.prefix(count)), level) == Array(values.prefix(count)))
    }
  }

  /// The kernel itself: nothing for a count of 0, nothing beyond the last vector.
  @Test(arguments: Engine.availableLevels)
  func kernelStaysInPlace(_ level: InstructionSetLevel) throws {
    let kernels = try Engine(level: level, threads: 1).kernels
    for count in edgeSizes(kernels.lanes) {
      let reach = (count + kernels.lanes - 1) / kernels.lanes * kernels.lanes
      var values = [Float](repeating: 0, count: reach + 5)
      values.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { kernels.maps.sigmoid(base, base, count) } }
      #expect(values[..<count].allSatisfy { $0 == 0.5 })
      #expect(values[reach...].allSatisfy { $0 == 0 }, "\(count) values")
    }
  }

  /// SiLU as the activation of int8 and bfloat16: the multiples of a power of two that 127 times a byte, or a bfloat16,
  /// holds exactly.
  @Test(arguments: Engine.availableLevels, [Float(0x1p-8), 0x1p-9, 0x1p-10, 0x1p-12])
  func siluOfReducedPrecision(_ level: InstructionSetLevel, _ scale: Float) throws {
    let engine = try Engine(level: level, threads: 1)
    let bytes = (0...255).map { UInt8($0) }
    let byte = MapFormat(.byte, scale: scale, zero: 128)
    let inputs = bytes.map { 127 * (Float($0) - 128) * scale }
    let tolerance = level == .avx512dot ? Tolerance.coarseSilu : .sigmoid
    let found = try silu(bytes, weight: 127, byte, engine)
    #expect(mismatch(found, inputs.map { Double($0) / (1 + exp(-Double($0))) }, tolerance) == nil, "bytes")
    guard engine.reducedPrecision.bfloats != nil else { return }
    let halves = bytes.map { UInt16(truncatingIfNeeded: ((Float($0) - 128) * scale * 128).bitPattern >> 16) }
    let values = halves.map { Float(bitPattern: UInt32($0) << 16) }
    let rounded = try silu(halves, weight: 1, MapFormat(.bfloat16), engine)
    #expect(mismatch(rounded, values.map { Double($0) / (1 + exp(-Double($0))) }, tolerance) == nil, "bfloat16")
  }

  @Test func inputStaysAsItWas() throws {
    let input = try Tensor(shape: Shape(height: 1, width: 1, channels: 3), values: [1, 2, 3])
    let output = try Sigmoid(engine: Engine(threads: 1))(input)
    #expect(input.values == [1, 2, 3])
    #expect(output.shape == input.shape)
  }
}

private func grid(from low: Float, to high: Float, step: Float) -> [Float] {
  Array(stride(from: low, through: high, by: step))
}

private func sigmoid(_ values: [Float], _ level: InstructionSetLevel) throws -> [Float] {
  try Sigmoid(engine: Engine(level: level, threads: 1))(
    Tensor(shape: Shape(height: 1, width: 1, channels: values.count), values: values)
  ).values
}

private func silu(_ values: [Float], _ level: InstructionSetLevel) throws -> [Float] {
  let configuration = Convolution.Configuration(inputChannels: 1, outputChannels: 1, activation: .silu)
  let convolution = try Convolution(configuration, weights: [1], engine: Engine(level: level, threads: 1))
  return try convolution(Tensor(shape: Shape(height: 1, width: values.count, channels: 1), values: values)).values
}

/// The activation of a convolution of maps of bytes or bfloat16 that multiplies its first channel by `weight`.
private func silu<Element: BitwiseCopyable & FixedWidthInteger>(
  _ elements: [Element], weight: Float, _ format: MapFormat, _ engine: Engine
) throws -> [Float] {
  let convolution = try Convolution(
    .init(inputChannels: 2, outputChannels: 1, activation: .silu), weights: [weight, 0], format: format, engine: engine)
  return engine.withWorkspace { workspace in
    let input = workspace.arena.tensor(Shape(height: 1, width: elements.count, channels: 2), format)
    for (pixel, element) in elements.enumerated() {
      input.address(pixel).storeBytes(of: element, as: Element.self)
      input.address(pixel).storeBytes(of: 0, toByteOffset: format.byteCount, as: Element.self)
    }
    let output = workspace.arena.tensor(Shape(height: 1, width: elements.count, channels: 1))
    convolution(input, into: output, workspace)
    return elements.indices.map { output.base[$0] }
  }
}
