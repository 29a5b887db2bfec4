import Kernels

/// A two-dimensional convolution with bias and activation, whose weights are packed for one engine.
///
/// Matches PyTorch's `Conv2d`, a cross-correlation with zeros outside of the input:
///
/// ```
/// y[n, i, j, o] = activation(bias[o] + sum over u, v, c of
///   weights[o, c, u, v] * x[n, i * stride - padding + u * dilation, j * stride - padding + v * dilation, c])
/// ```
///
/// Stride, padding and dilation may differ between the two directions. With `groups`, the channels are divided into so
/// many consecutive groups, and an output channel sums over the input channels of its group only.
///
/// A residual is added after the activation, or before it if the configuration says so.
///
/// Kernels of 3×3 with stride 1 or 2, dilation 1 and numbers of channels that are multiples of the vector length use
/// Winograd's minimal filtering (Lavin and Gray, doi:10.1109/CVPR.2016.435) on tiles of 4×4 or 6×6 outputs. Their
/// results differ from the direct sum by about 1e-5 of the largest output, and an infinite input affects all outputs of
/// its tile. All other kernels are summed directly.
public struct Convolution: Sendable {
  /// The channels, the kernel's geometry and the activation of a convolution.
  public struct Configuration: Sendable, Hashable {
    /// The number of input channels, 1 to 2^20.
    public var inputChannels: Int
    /// The number of output channels, 1 to 2^20.
    public var outputChannels: Int
    /// The size of the kernel in pixels, 1 to 1024 in each direction and at most 16,384 in all.
    public var kernel: Extent
    /// The step from one output to the next, in input pixels, 1 to 1024.
    public var stride: Extent
    /// The width of the border of zeros on both sides of the input, in pixels, 0 to 1024.
    public var padding: Extent
    /// The step from one kernel position to the next, in input pixels, 1 to 1024.
    public var dilation: Extent
    /// The number of groups of channels, a divisor of both numbers of channels. A depthwise convolution has as many
    /// groups as input channels.
    public var groups: Int
    /// The function applied to the sum with its bias.
    public var activation: Activation
    /// Whether a residual is added before the activation (ResNet) rather than after it (YOLOv5).
    public var addsBeforeActivation: Bool
    /// Whether uniform regions, whose pixels are equal, give outputs equal to the last bit wherever they lie, so that
    /// ties between scores stay ties.
    ///
    /// Winograd's filtering rounds differently at each place of its tile. With this option, tiles with two equal
    /// adjacent pixels are summed directly. Repeated neighbourhoods without such a pair may still differ in the last
    /// bits.
    public var preservesTies: Bool

    /// Makes a configuration; the ranges are checked when a convolution is made from it.
    public init(
      inputChannels: Int, outputChannels: Int, kernel: Extent = 1, stride: Extent = 1, padding: Extent = 0,
      dilation: Extent = 1, groups: Int = 1, activation: Activation = .none, addsBeforeActivation: Bool = false,
      preservesTies: Bool = false
    ) {
      self.inputChannels = inputChannels
      self.outputChannels = outputChannels
      self.kernel = kernel
      self.stride = stride
      self.padding = padding
      self.dilation = dilation
      self.groups = groups
      self.activation = activation
      self.addsBeforeActivation = addsBeforeActivation
      self.preservesTies = preservesTies
    }
  }

  /// The channels, the kernel's geometry and the activation.
  public let configuration: Configuration
  let engine: Engine
  /// The format of the input.
  package let format: MapFormat
  let algorithm: any ConvolutionAlgorithm

  /// Makes a convolution and packs its weights.
  ///
  /// - Parameters:
  ///   - configuration: The channels, the kernel's geometry and the activation.
  ///   - weights: `[outputChannels][inputChannels / groups][kernel height][kernel width]`, as PyTorch stores them.
  ///   - bias: `[outputChannels]`, or nil for zeros.
  ///   - engine: The engine that the convolution runs on; the weights are packed for its level.
  /// - Throws: `TensorError.invalidParameter` for a size out of range, groups that do not divide the channels, or a
  ///   weight or bias that is not finite; `TensorError.invalidShape` for a wrong number of weights or biases.
  public init(
    _ configuration: Configuration, weights: [Float], bias: [Float]? = nil, engine: Engine
  ) throws(TensorError) {
    try requireFinite(weights, "weight")
    if let bias { try requireFinite(bias, "bias") }
    try self.init(configuration, weights: weights, bias: bias, format: .init(.float32), engine: engine)
  }

  /// Makes a convolution of an input of the given format, and packs its weights.
  ///
  /// - Throws: `TensorError.invalidParameter` for a size out of range, or channels that do not suit the format;
  ///   `TensorError.invalidShape` for a wrong number of weights or biases; `TensorError.unavailablePrecision` for
  ///   bfloat16 on a level that has no dot products of it.
  package init(
    _ configuration: Configuration, weights: [Float], bias: [Float]? = nil, format: MapFormat, engine: Engine
  ) throws(TensorError) {
    let c = configuration
    try c.validate()
    let inputs = c.inputChannels / c.groups
    guard weights.count == c.weightCount else {
      throw .invalidShape(
        "a convolution [\(c.outputChannels), \(inputs), \(c.kernel.height), \(c.kernel.width)] needs "
          + "\(c.weightCount) weights, got \(weights.count)")
    }
    guard bias == nil || bias?.count == c.outputChannels else {
      throw .invalidShape(
        "a convolution to \(c.outputChannels) channels needs \(c.outputChannels) biases, got \(bias?.count ?? 0)")
    }
    if format.kind == .bfloat16 {
      try engine.requireBFloat16()
      guard inputs % 2 == 0 || c.window.canMergeRows && c.groups == 1 else {
        throw .invalidParameter("a convolution in bfloat16 needs an even number of input channels, got \(inputs)")
      }
    }
    // int8 sums are 32-bit integers, and a product is at most 255 * 127.
    let products = inputs * c.window.positions
    guard format.kind != .byte || products <= PackedDots.productLimit else {
      throw .invalidParameter(
        "a convolution in int8 can sum at most \(PackedDots.productLimit) products in 32 bits, got \(products): "
          + "\(inputs) channels times \(c.kernel)")
    }
    self.configuration = configuration
    self.engine = engine
    self.format = format
    algorithm = try ConvolutionChoice(c, format, engine)(
      ConvolutionLayer(configuration: c, weights: weights, bias: bias, format: format, engine: engine))
  }

  /// The shape `[N, H', W', outputChannels]` of the output for an input of shape `[N, H, W, inputChannels]`.
  ///
  /// - Throws: `TensorError.invalidShape` when the number of channels differs, or the kernel is larger than the padded
  ///   input.
  public func outputShape(for input: Shape) throws(TensorError) -> Shape {
    try input.validate()
    let c = configuration
    guard input.channels == c.inputChannels else {
      throw .invalidShape("a convolution of \(c.inputChannels) input channels got an input of shape \(input)")
    }
    let output = c.outputShape(for: input)
    guard output.height > 0, output.width > 0 else {
      throw .invalidShape(
        "a \(c.kernel) kernel of dilation \(c.dilation) does not fit into \(input) with padding \(c.padding)")
    }
    return output
  }

  /// Convolves `input`.
  ///
  /// - Parameters:
  ///   - input: `[N, H, W, inputChannels]`.
  ///   - residual: A tensor of the output's shape that is added to it, or nil.
  /// - Returns: `[N, H', W', outputChannels]`, of the shape `outputShape(for:)`.
  /// - Throws: `TensorError.invalidShape` when a shape does not fit.
  public func callAsFunction(_ input: Tensor, adding residual: Tensor? = nil) throws(TensorError) -> Tensor {
    let shape = try outputShape(for: input.shape)
    try validate(residual, shape)
    return try engine.makeTensor(shape, from: input) { run($0, into: $1, adding: residual, $2) }
  }

  /// Convolves `input` and writes the result to an existing tensor, so that no memory is allocated for it.
  ///
  /// - Parameters:
  ///   - input: `[N, H, W, inputChannels]`.
  ///   - output: `[N, H', W', outputChannels]`, of the shape `outputShape(for:)`, or with more channels if `channel` is
  ///     given.
  ///   - channel: Where the result's channels begin; the output's other channels stay. By default the output has no
  ///     others.
  ///   - residual: A tensor of the result's shape that is added to it, or nil.
  /// - Throws: `TensorError.invalidShape` when a shape does not fit.
  public func callAsFunction(
    _ input: Tensor, into output: inout Tensor, at channel: Int? = nil, adding residual: Tensor? = nil
  ) throws(TensorError) {
    let shape = try outputShape(for: input.shape)
    try validate(residual, shape)
    try engine.write(shape, from: input, to: &output, at: channel) { run($0, into: $1, adding: residual, $2) }
  }

  private func validate(_ residual: Tensor?, _ output: Shape) throws(TensorError) {
    guard let residual, residual.shape != output else { return }
    throw .invalidShape("the residual has shape \(residual.shape), the output \(output)")
  }

  private func run(_ input: TensorView, into output: TensorView, adding residual: Tensor?, _ workspace: Workspace) {
    guard let residual else { return self(input, into: output, workspace) }
    residual.withView { self(input, into: output, adding: $0, workspace) }
  }

  /// The shape of the output, for an input shape that fits.
  package func outputShape(of input: Shape) -> Shape { configuration.outputShape(for: input) }

  /// Convolves `input` and writes to `output`, which may be a slice of channels. `residual` may be `output` itself.
  package func callAsFunction(
    _ input: TensorView, into output: TensorView, adding residual: TensorView? = nil, _ workspace: Workspace
  ) {
    assert(output.shape == configuration.outputShape(for: input.shape))
    assert(residual == nil || residual?.shape == output.shape)
    assert(workspace.kernels === engine.kernels, "weights are packed for one level")
    assert(input.format == format, "weights are packed for one format")
    assert(residual == nil || residual?.format == output.format)
    let timer = workspace.timer
    defer { timer.map { record($0, from: input.shape, to: output.shape) } }
    algorithm(input, into: output, adding: residual, workspace)
  }
}

extension Convolution.Configuration {
  /// The kernel and how it moves.
  var window: Window { Window(kernel: kernel, stride: stride, padding: padding, dilation: dilation) }

  /// The number of weights.
  var weightCount: Int { outputChannels * (inputChannels / groups) * window.positions }

  func outputShape(for input: Shape) -> Shape { window.outputShape(for: input, channels: outputChannels) }

  func validate() throws(TensorError) {
    let limits: [(name: String, value: Int, range: ClosedRange<Int>)] = [
      ("inputChannels", inputChannels, 1...1 << 20), ("outputChannels", outputChannels, 1...1 << 20),
      ("kernel.height", kernel.height, 1...1 << 10), ("kernel.width", kernel.width, 1...1 << 10),
      ("stride.height", stride.height, 1...1 << 10), ("stride.width", stride.width, 1...1 << 10),
      ("padding.height", padding.height, 0...1 << 10), ("padding.width", padding.width, 0...1 << 10),
      ("dilation.height", dilation.height, 1...1 << 10), ("dilation.width", dilation.width, 1...1 << 10),
      ("groups", groups, 1...1 << 20),
    ]
    for (name, value, range) in limits where !range.contains(value) {
      throw .invalidParameter("\(name) must be \(range.lowerBound) to \(range.upperBound), got \(value)")
    }
    guard inputChannels % groups == 0, outputChannels % groups == 0 else {
      throw .invalidParameter(
        "\(groups) groups must divide the channels, got \(inputChannels) input and \(outputChannels) output channels")
    }
    // Each thread has a table with one address for each kernel position and each pixel of a block.
    guard window.positions <= 1 << 14 else {
      throw .invalidParameter("a kernel may have at most \(1 << 14) positions, got \(kernel)")
    }
  }
}
