/// The operands of the last step of a convolution whose sums are in memory.
public struct BiasActivationOperands {
  /// `[count][sumStride]`, whole vectors of sums.
  public var sums: UnsafePointer<Float>
  /// Floats from one pixel of the sums to the next.
  public var sumStride: Int
  /// `[channels]`, up to a whole vector.
  public var bias: UnsafePointer<Float>
  /// Applied to the sum with its bias.
  public var activation: Activation
  /// The first pixel's first channel of a map that is added to the result, or nil. It may be the output.
  public var residual: UnsafePointer<Float>?
  /// Floats from one pixel of the residual to the next.
  public var residualStride: Int
  /// Whether the residual is added before the activation rather than after it.
  public var addsBeforeActivation: Bool
  /// The first pixel's first channel of the output.
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
    sums: UnsafePointer<Float>, sumStride: Int, bias: UnsafePointer<Float>, activation: Activation,
    residual: UnsafePointer<Float>?, residualStride: Int, addsBeforeActivation: Bool,
    output: UnsafeMutablePointer<Float>, outputStride: Int, count: Int, channels: Int
  ) {
    self.sums = sums
    self.sumStride = sumStride
    self.bias = bias
    self.activation = activation
    self.residual = residual
    self.residualStride = residualStride
    self.addsBeforeActivation = addsBeforeActivation
    self.output = output
    self.outputStride = outputStride
    self.count = count
    self.channels = channels
  }
}

extension InstructionSet {
  /// Writes `activation(sums + bias)` for every channel of `count` pixels, with the residual added before the activation
  /// or after it. Reads whole vectors of sums and biases, and only the channels of the residual.
  @inlinable @inline(__always)
  public static func biasActivation(_ operands: BiasActivationOperands) {
    switch operands.activation {
    case .none: biasActivation(operands) { $0 }
    case .relu: biasActivation(operands) { maximum(.zero, $0) }
    case .silu: biasActivation(operands) { silu($0) }
    case .relu6: biasActivation(operands) { relu6($0) }
    case .hardswish: biasActivation(operands) { hardswish($0) }
    case .hardsigmoid: biasActivation(operands) { hardsigmoid($0) }
    }
  }

  @inlinable @inline(__always)
  static func biasActivation(_ operands: BiasActivationOperands, _ activation: (Vector) -> Vector) {
    let isBefore = operands.addsBeforeActivation
    var (sums, output, residual) = (operands.sums, operands.output, operands.residual)
    for _ in 0..<operands.count {
      var channel = 0
      while channel &+ lanes <= operands.channels {
        var value = load(sums + channel) + load(operands.bias + channel)
        let added = residual.map { load($0 + channel) }
        if isBefore, let added { value += added }
        value = activation(value)
        if !isBefore, let added { value += added }
        store(value, output + channel)
        channel &+= lanes
      }
      let rest = operands.channels &- channel
      if rest > 0 {
        var value = load(sums + channel) + load(operands.bias + channel)
        let added = residual.map { load($0 + channel, first: rest) }
        if isBefore, let added { value += added }
        value = activation(value)
        if !isBefore, let added { value += added }
        store(value, output + channel, first: rest)
      }
      sums += operands.sumStride
      output += operands.outputStride
      if let pointer = residual { residual = pointer + operands.residualStride }
    }
  }
}
