/// Upsampling by whole factors with the nearest neighbour: every pixel is repeated.
///
/// `y[n, i, j, c]` is `x[n, i / scale.height, j / scale.width, c]`, rounded down. Matches PyTorch's `Upsample` with
/// `mode="nearest"`.
public struct Upsampling: Sendable {
  /// How often each pixel is repeated, 1 to 1024 in each direction.
  public let scale: Extent
  private let engine: Engine

  /// Makes an upsampling.
  ///
  /// - Throws: `TensorError.invalidParameter` when the scale is out of range.
  public init(scale: Extent = 2, engine: Engine) throws(TensorError) {
    try scale.validate("the scale of an upsampling", in: 1...1024)
    self.scale = scale
    self.engine = engine
  }

  /// The shape `[N, scale.height * H, scale.width * W, C]` of the output for an input of shape `[N, H, W, C]`.
  ///
  /// - Throws: `TensorError.invalidShape` when the output would have more than 2^32 elements.
  public func outputShape(for input: Shape) throws(TensorError) -> Shape {
    try input.validate()
    return try outputShape(of: input).validated()
  }

  /// Upsamples `input`, `[N, H, W, C]`.
  ///
  /// - Throws: `TensorError.invalidShape` when the output would have more than 2^32 elements.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    try engine.makeTensor(outputShape(for: input.shape), from: input) { Self.nearest($0, into: $1, $2) }
  }

  /// Upsamples `input` and writes the result to an existing tensor.
  ///
  /// - Parameters:
  ///   - input: `[N, H, W, C]`.
  ///   - output: Of the shape `outputShape(for:)`, or with more channels if `channel` is given.
  ///   - channel: Where the result's channels begin; the output's other channels stay. By default the output has no
  ///     others.
  /// - Throws: `TensorError.invalidShape` when a shape does not fit.
  public func callAsFunction(
    _ input: Tensor, into output: inout Tensor, at channel: Int? = nil
  ) throws(TensorError) {
    try engine.write(outputShape(for: input.shape), from: input, to: &output, at: channel) {
      Self.nearest($0, into: $1, $2)
    }
  }

  /// The shape of the output, for an input shape that fits.
  package func outputShape(of input: Shape) -> Shape {
    Shape(
      batch: input.batch, height: input.height * scale.height, width: input.width * scale.width,
      channels: input.channels)
  }

  /// Upsamples `input` to the size of `output`, which may be a slice of channels.
  package func callAsFunction(_ input: TensorView, into output: TensorView, _ workspace: Workspace) {
    assert(output.shape == outputShape(of: input.shape))
    Self.nearest(input, into: output, workspace)
  }

  /// Resizes `input` to the size of `output`, which may be a slice of channels, by nearest neighbour: `y[i]` is
  /// `x[floor(i * in / out)]`. Matches PyTorch's `interpolate` with `mode="nearest"`.
  package static func nearest(_ input: TensorView, into output: TensorView, _ workspace: Workspace) {
    assert(output.shape.batch == input.shape.batch && output.shape.channels == input.shape.channels)
    assert(output.format == input.format)
    let timer = workspace.timer
    defer { timer?.stop("upsampling", from: input.shape, to: output.shape) }
    let (height, width) = (output.shape.height, output.shape.width)
    let bytes = input.shape.channels * input.format.byteCount
    workspace.parallel(output.shape.batch * height) { _, row in
      let y = row % height * input.shape.height / height
      let line = (row / height * input.shape.height + y) * input.shape.width
      for x in 0..<width {
        let source = x * input.shape.width / width
        output.address(row * width + x).copyMemory(from: input.address(line + source), byteCount: bytes)
      }
    }
  }
}
