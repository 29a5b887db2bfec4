import Kernels

/// A fully connected layer on the channels of every pixel: `y = activation(weights * x + bias)`. Matches PyTorch's
/// `Linear`.
///
/// It runs as 1×1 convolutions, one for each slice of the inputs; each adds to the result of the slices before it. A
/// slice is small enough that a panel of its weights stays in the cache for all rows.
///
/// PyTorch flattens a map `[C, H, W]` channel by channel, a tensor is `[H, W, C]`: a layer after such a flattening needs
/// the columns of its weights in the order of the pixels.
public struct Linear: Sendable {
  /// The number of input channels.
  public let inputs: Int
  /// The number of output channels.
  public let outputs: Int
  private let slices: [Convolution]
  private let engine: Engine

  /// Inputs per slice.
  private static let depth = 1024

  /// Makes a fully connected layer and packs its weights.
  ///
  /// - Parameters:
  ///   - inputs: The number of input channels, 1 to 2^20.
  ///   - outputs: The number of output channels, 1 to 2^20.
  ///   - weights: `[outputs][inputs]`, as PyTorch stores them.
  ///   - bias: `[outputs]`, or nil for zeros.
  ///   - activation: The function applied to the sum with its bias.
  ///   - engine: The engine that the layer runs on; the weights are packed for its level.
  /// - Throws: `TensorError.invalidParameter` for a size out of range, or a weight or bias that is not finite;
  ///   `TensorError.invalidShape` for a wrong number of weights or biases.
  public init(
    inputs: Int, outputs: Int, weights: [Float], bias: [Float]? = nil, activation: Activation = .none, engine: Engine
  ) throws(TensorError) {
    try requireFinite(weights, "weight")
    if let bias { try requireFinite(bias, "bias") }
    try self.init(
      inputs: inputs, outputs: outputs, weights: weights, bias: bias, activation: activation,
      format: .init(.float32), engine: engine)
  }

  /// Makes a fully connected layer of an input of the given format, and packs its weights.
  package init(
    inputs: Int, outputs: Int, weights: [Float], bias: [Float]?, activation: Activation = .none, format: MapFormat,
    engine: Engine
  ) throws(TensorError) {
    for (name, value) in [("inputs", inputs), ("outputs", outputs)] where !(1...1 << 20).contains(value) {
      throw .invalidParameter("\(name) must be 1 to \(1 << 20), got \(value)")
    }
    guard weights.count == inputs * outputs else {
      throw .invalidShape(
        "a fully connected layer [\(outputs), \(inputs)] needs \(inputs * outputs) weights, got \(weights.count)")
    }
    guard bias == nil || bias?.count == outputs else {
      throw .invalidShape(
        "a fully connected layer to \(outputs) channels needs \(outputs) biases, got \(bias?.count ?? 0)")
    }
    self.inputs = inputs
    self.outputs = outputs
    self.engine = engine
    var slices: [Convolution] = []
    for first in stride(from: 0, to: inputs, by: Self.depth) {
      let range = first..<min(first + Self.depth, inputs)
      var part: [Float] = []
      part.reserveCapacity(outputs * range.count)
      for output in 0..<outputs {
        part += weights[output * inputs + range.lowerBound..<output * inputs + range.upperBound]
      }
      slices.append(
        try Convolution(
          .init(
            inputChannels: range.count, outputChannels: outputs,
            activation: range.upperBound == inputs ? activation : .none, addsBeforeActivation: true),
          weights: part, bias: first == 0 ? bias : nil, format: format, engine: engine))
    }
    self.slices = slices
  }

  /// The shape `[N, H, W, outputs]` of the output for an input of shape `[N, H, W, inputs]`.
  ///
  /// - Throws: `TensorError.invalidShape` when the number of channels differs.
  public func outputShape(for input: Shape) throws(TensorError) -> Shape {
    try input.validate()
    guard input.channels == inputs else {
      throw .invalidShape("a fully connected layer of \(inputs) inputs got an input of shape \(input)")
    }
    return try outputShape(of: input).validated()
  }

  /// Applies the layer to the channels of every pixel of `input`, `[N, H, W, inputs]`.
  ///
  /// - Throws: `TensorError.invalidShape` when the number of channels differs.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    try engine.makeTensor(outputShape(for: input.shape), from: input) { self($0, into: $1, $2) }
  }

  /// Applies the layer to the channels of every pixel of `input` and writes the result to an existing tensor.
  ///
  /// - Parameters:
  ///   - input: `[N, H, W, inputs]`.
  ///   - output: `[N, H, W, outputs]`, or with more channels if `channel` is given.
  ///   - channel: Where the result's channels begin; the output's other channels stay. By default the output has no
  ///     others.
  /// - Throws: `TensorError.invalidShape` when a shape does not fit.
  public func callAsFunction(
    _ input: Tensor, into output: inout Tensor, at channel: Int? = nil
  ) throws(TensorError) {
    try engine.write(outputShape(for: input.shape), from: input, to: &output, at: channel) { self($0, into: $1, $2) }
  }

  /// The shape of the output, for an input shape that fits.
  package func outputShape(of input: Shape) -> Shape { input.with(channels: outputs) }

  /// Applies the layer to every pixel of a map. The output is a map of floats.
  package func callAsFunction(_ input: TensorView, into output: TensorView, _ workspace: Workspace) {
    assert(input.shape.channels == inputs && output.shape == outputShape(of: input.shape))
    assert(output.format.kind == .float32)
    guard input.shape.pixels > 0 else { return }
    let timer = workspace.timer
    defer {
      timer?.stop("linear", from: input.shape, to: output.shape, multiplyAdds: input.shape.pixels * inputs * outputs)
    }
    let workspace = workspace.unprofiled
    var first = 0
    for slice in slices {
      let count = slice.configuration.inputChannels
      slice(
        input.channels(first..<first + count), into: output, adding: first == 0 ? nil : output, workspace)
      first += count
    }
  }
}
