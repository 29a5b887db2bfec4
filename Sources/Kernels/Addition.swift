/// The operands of a sum of two arrays.
public struct AdditionOperands {
  /// `[count]`.
  public var a: UnsafePointer<Float>
  /// `[count]`.
  public var b: UnsafePointer<Float>
  /// `[count]`; may be `a` or `b`.
  public var output: UnsafeMutablePointer<Float>
  /// Elements of each array.
  public var count: Int
  /// Applied to the sums.
  public var activation: Activation

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    a: UnsafePointer<Float>, b: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, count: Int,
    activation: Activation
  ) {
    self.a = a
    self.b = b
    self.output = output
    self.count = count
    self.activation = activation
  }
}

extension InstructionSet {
  /// Writes `activation(a + b)`.
  @inlinable @inline(__always)
  public static func add(_ operands: AdditionOperands) {
    var index = 0
    while index &+ lanes <= operands.count {
      let sum = load(operands.a + index) + load(operands.b + index)
      store(activate(sum, operands.activation), operands.output + index)
      index &+= lanes
    }
    let rest = operands.count &- index
    guard rest > 0 else { return }
    let sum = load(operands.a + index, first: rest) + load(operands.b + index, first: rest)
    store(activate(sum, operands.activation), operands.output + index, first: rest)
  }
}

/// The operands of a product of a map's pixels and one factor for each channel.
public struct ScalingOperands {
  /// The first pixel's first channel.
  public var input: UnsafePointer<Float>
  /// Floats from one pixel of the input to the next.
  public var inputStride: Int
  /// `[channels]`.
  public var factors: UnsafePointer<Float>
  /// The first pixel's first channel; may be the input.
  public var output: UnsafeMutablePointer<Float>
  /// Floats from one pixel of the output to the next.
  public var outputStride: Int
  /// Pixels.
  public var count: Int
  /// Channels of a pixel.
  public var channels: Int

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    input: UnsafePointer<Float>, inputStride: Int, factors: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, outputStride: Int, count: Int, channels: Int
  ) {
    self.input = input
    self.inputStride = inputStride
    self.factors = factors
    self.output = output
    self.outputStride = outputStride
    self.count = count
    self.channels = channels
  }
}

extension InstructionSet {
  /// Writes `input * factors` for each pixel.
  @inlinable @inline(__always)
  public static func scale(_ operands: ScalingOperands) {
    var (input, output) = (operands.input, operands.output)
    for _ in 0..<operands.count {
      var channel = 0
      while channel &+ lanes <= operands.channels {
        store(load(input + channel) * load(operands.factors + channel), output + channel)
        channel &+= lanes
      }
      let rest = operands.channels &- channel
      if rest > 0 {
        store(
          load(input + channel, first: rest) * load(operands.factors + channel, first: rest), output + channel,
          first: rest)
      }
      input += operands.inputStride
      output += operands.outputStride
    }
  }
}
