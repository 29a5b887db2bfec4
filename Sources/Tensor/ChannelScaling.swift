import Kernels

/// The product of every pixel with one factor for each channel: `y[n, i, j, c] = x[n, i, j, c] * s[n, 0, 0, c]`, as
/// squeeze-and-excitation blocks need it (Hu et al., doi:10.1109/CVPR.2018.00745).
///
/// Matches PyTorch's product of `[N, C, H, W]` and `[N, C, 1, 1]`.
public struct ChannelScaling: Sendable {
  private let engine: Engine

  /// Makes a scaling of channels.
  public init(engine: Engine) { self.engine = engine }

  /// The shape of the output, which is that of the input, for factors of shape `[N, 1, 1, C]`.
  ///
  /// - Throws: `TensorError.invalidShape` when the factors do not suit the input.
  public func outputShape(for input: Shape, factors: Shape) throws(TensorError) -> Shape {
    try input.validate()
    guard factors == Shape(batch: input.batch, height: 1, width: 1, channels: input.channels) else {
      throw .invalidShape(
        "the channels of \(input) need factors of shape [\(input.batch), 1, 1, \(input.channels)], got \(factors)")
    }
    return input
  }

  /// Multiplies every pixel of `input` by `factors`.
  ///
  /// - Throws: `TensorError.invalidShape` when the factors do not suit the input.
  public func callAsFunction(_ input: Tensor, by factors: Tensor) throws(TensorError) -> Tensor {
    try engine.makeTensor(outputShape(for: input.shape, factors: factors.shape)) { output, workspace in
      input.withView { input in factors.withView { self(input, by: $0, into: output, workspace) } }
    }
  }

  /// Multiplies every pixel of `input` by `factors` and writes the result to an existing tensor.
  ///
  /// - Parameters:
  ///   - input: `[N, H, W, C]`.
  ///   - factors: `[N, 1, 1, C]`.
  ///   - output: Of the shape of the input, or with more channels if `channel` is given.
  ///   - channel: Where the result's channels begin; the output's other channels stay. By default the output has no
  ///     others.
  /// - Throws: `TensorError.invalidShape` when a shape does not fit.
  public func callAsFunction(
    _ input: Tensor, by factors: Tensor, into output: inout Tensor, at channel: Int? = nil
  ) throws(TensorError) {
    try engine.write(outputShape(for: input.shape, factors: factors.shape), to: &output, at: channel) {
      output, workspace in
      input.withView { input in factors.withView { self(input, by: $0, into: output, workspace) } }
    }
  }

  /// Multiplies every pixel of a map of floats by its image's factors. `output` may be `input`.
  package func callAsFunction(
    _ input: TensorView, by factors: TensorView, into output: TensorView, _ workspace: Workspace
  ) {
    assert(output.shape == input.shape && factors.shape.channels == input.shape.channels)
    assert(factors.shape.pixels == input.shape.batch)
    let timer = workspace.timer
    defer { timer?.stop("channel scaling", from: input.shape, to: output.shape) }
    let (height, width, kernels) = (input.shape.height, input.shape.width, workspace.kernels.maps)
    workspace.parallel(input.shape.batch * height) { _, row in
      kernels.scale(
        ScalingOperands(
          input: input.pixel(row * width), inputStride: input.pixelStride, factors: factors.pixel(row / height),
          output: output.pixel(row * width), outputStride: output.pixelStride, count: width,
          channels: input.shape.channels))
    }
  }
}
