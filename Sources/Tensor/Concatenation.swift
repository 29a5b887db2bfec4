/// The concatenation of tensors along their channels. Matches PyTorch's `cat` over the dimension of the channels.
///
/// Operators that write their result `at` a channel of an existing tensor concatenate without a copy. This one copies,
/// for tensors that exist already.
public struct Concatenation: Sendable {
  private let engine: Engine

  /// Makes a concatenation.
  public init(engine: Engine) { self.engine = engine }

  /// The shape of the output, whose channels are those of all inputs, one after another.
  ///
  /// - Throws: `TensorError.invalidShape` when there is no input, when the inputs differ in more than their channels,
  ///   or when the output would have more than 2^32 elements.
  public func outputShape(for inputs: [Shape]) throws(TensorError) -> Shape {
    guard let first = inputs.first else { throw .invalidShape("a concatenation needs at least 1 tensor, got 0") }
    var output = first
    output.channels = 0
    for input in inputs {
      try input.validate()
      guard input.with(channels: first.channels) == first else {
        throw .invalidShape("a concatenation needs tensors that differ only in channels, got \(first) and \(input)")
      }
      output.channels += input.channels
      try output.validate()
    }
    return output
  }

  /// Concatenates tensors.
  ///
  /// - Throws: `TensorError.invalidShape` when the shapes do not suit each other.
  public func callAsFunction(_ inputs: [Tensor]) throws(TensorError) -> Tensor {
    try engine.makeTensor(outputShape(for: inputs.map(\.shape))) { output, workspace in
      withViews(inputs) { self($0, into: output, workspace) }
    }
  }

  /// Concatenates tensors and writes the result to an existing one.
  ///
  /// - Parameters:
  ///   - inputs: Tensors that differ only in channels.
  ///   - output: Of the shape `outputShape(for:)`, or with more channels if `channel` is given.
  ///   - channel: Where the result's channels begin; the output's other channels stay. By default the output has no
  ///     others.
  /// - Throws: `TensorError.invalidShape` when a shape does not fit.
  public func callAsFunction(
    _ inputs: [Tensor], into output: inout Tensor, at channel: Int? = nil
  ) throws(TensorError) {
    try engine.write(outputShape(for: inputs.map(\.shape)), to: &output, at: channel) { output, workspace in
      withViews(inputs) { self($0, into: output, workspace) }
    }
  }

  /// Concatenates maps of one format.
  package func callAsFunction(_ inputs: [TensorView], into output: TensorView, _ workspace: Workspace) {
    assert(inputs.reduce(0) { $0 + $1.shape.channels } == output.shape.channels)
    assert(inputs.allSatisfy { $0.format == output.format && $0.shape.pixels == output.shape.pixels })
    let timer = workspace.timer
    defer { timer?.stop("concatenation", from: inputs.first?.shape ?? output.shape, to: output.shape) }
    let width = output.shape.width
    workspace.parallel(output.shape.batch * output.shape.height) { _, row in
      var channel = 0
      for input in inputs {
        let target = output.channels(channel..<channel + input.shape.channels)
        let bytes = input.shape.channels * input.format.byteCount
        for pixel in row * width..<(row + 1) * width {
          target.address(pixel).copyMemory(from: input.address(pixel), byteCount: bytes)
        }
        channel += input.shape.channels
      }
    }
  }
}
