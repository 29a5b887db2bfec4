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
    /// The height of the kernel in pixels, 1 to 1024; height times width is at most 16,384.
    public var kernelHeight: Int
    /// The width of the kernel in pixels, 1 to 1024.
    public var kernelWidth: Int
    /// The step from one output to the next in both directions, in input pixels, 1 to 1024.
    public var stride: Int
    /// The width of the border of zeros on all four sides of the input, in pixels, 0 to 1024.
    public var padding: Int
    /// The step from one kernel position to the next in both directions, in input pixels, 1 to 1024.
    public var dilation: Int
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
    ///
    /// `kernelSize` is the height and width of a square kernel; `kernelHeight` and `kernelWidth` override it.
    public init(
      inputChannels: Int, outputChannels: Int, kernelSize: Int = 1, kernelHeight: Int? = nil, kernelWidth: Int? = nil,
      stride: Int = 1, padding: Int = 0, dilation: Int = 1, activation: Activation = .none,
      addsBeforeActivation: Bool = false, preservesTies: Bool = false
    ) {
      self.inputChannels = inputChannels
      self.outputChannels = outputChannels
      self.kernelHeight = kernelHeight ?? kernelSize
      self.kernelWidth = kernelWidth ?? kernelSize
      self.stride = stride
      self.padding = padding
      self.dilation = dilation
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
  let algorithm: ConvolutionAlgorithm
  /// The weights for the tiles of floats; empty if `dots` is not nil.
  let packed: PackedWeights
  /// The weights for the tiles that guarded Winograd sums directly, else nil.
  let direct: PackedWeights?
  /// The weights for the dot-product tiles, else nil.
  let dots: PackedDots?

  /// Makes a convolution and packs its weights.
  ///
  /// - Parameters:
  ///   - configuration: The channels, the kernel's geometry and the activation.
  ///   - weights: `[outputChannels][inputChannels][kernelHeight][kernelWidth]`, as PyTorch stores them.
  ///   - bias: `[outputChannels]`, or nil for zeros.
  ///   - engine: The engine that the convolution runs on; the weights are packed for its level.
  /// - Throws: `TensorError.invalidParameter` for a size out of range, `TensorError.invalidShape` for a wrong number of
  ///   weights or biases.
  public init(
    _ configuration: Configuration, weights: [Float], bias: [Float]? = nil, engine: Engine
  ) throws(TensorError) {
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
    let expected = c.outputChannels * c.inputChannels * c.kernelHeight * c.kernelWidth
    guard weights.count == expected else {
      throw .invalidShape(
        "a convolution [\(c.outputChannels), \(c.inputChannels), \(c.kernelHeight), \(c.kernelWidth)] needs "
          + "\(expected) weights, got \(weights.count)")
    }
    guard bias == nil || bias?.count == c.outputChannels else {
      throw .invalidShape(
        "a convolution to \(c.outputChannels) channels needs \(c.outputChannels) biases, got \(bias?.count ?? 0)")
    }
    if format.kind == .bfloat16 {
      try engine.requireBFloat16()
      guard c.inputChannels % 2 == 0 || c.canMergeRows else {
        throw .invalidParameter(
          "a convolution in bfloat16 needs an even number of input channels, got \(c.inputChannels)")
      }
    }
    // int8 sums are 32-bit integers, and a product is at most 255 * 127.
    let products = c.inputChannels * c.kernelHeight * c.kernelWidth
    guard format.kind != .byte || products <= PackedDots.productLimit else {
      throw .invalidParameter(
        "a convolution in int8 can sum at most \(PackedDots.productLimit) products in 32 bits, got \(products): "
          + "\(c.inputChannels) channels times \(c.kernelHeight)x\(c.kernelWidth)")
    }
    self.configuration = configuration
    self.engine = engine
    self.format = format
    algorithm = ConvolutionAlgorithm(c, format, engine)
    let positions = c.kernelHeight * c.kernelWidth
    switch algorithm {
    case .direct:
      packed = PackedWeights(
        weights, bias, outputs: c.outputChannels, inputs: c.inputChannels, positions: positions, engine)
      (direct, dots) = (nil, nil)
    case .winograd, .guardedWinograd, .winogradDots:
      packed = PackedWeights(
        winograd: weights, bias, outputs: c.outputChannels, inputs: c.inputChannels, algorithm.winogradFilters(c),
        roundsToBFloats: algorithm == .winogradDots, engine)
      direct =
        algorithm != .guardedWinograd
        ? nil
        : PackedWeights(
          weights, bias, outputs: c.outputChannels, inputs: c.inputChannels, positions: positions, engine)
      dots = nil
    case .dots:
      packed = PackedWeights([], nil, outputs: 0, inputs: 0, positions: 0, engine)
      direct = nil
      dots = PackedDots(
        weights, bias, c, format: format, engine.reducedPrecision.dots(for: format),
        lanes: engine.reducedPrecision.lanes)
    }
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
        "a \(c.kernelHeight)x\(c.kernelWidth) kernel of dilation \(c.dilation) does not fit into \(input) with padding "
          + "\(c.padding)")
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
    try shape.validate()
    var output = Tensor(uninitialized: shape)
    try self(input, into: &output, adding: residual)
    return output
  }

  /// Convolves `input` and writes the result to an existing tensor, so that no memory is allocated for it.
  ///
  /// - Parameters:
  ///   - input: `[N, H, W, inputChannels]`.
  ///   - output: `[N, H', W', outputChannels]`, of the shape `outputShape(for:)`. Its elements are overwritten.
  ///   - residual: A tensor of the output's shape that is added to it, or nil.
  /// - Throws: `TensorError.invalidShape` when a shape does not fit.
  public func callAsFunction(
    _ input: Tensor, into output: inout Tensor, adding residual: Tensor? = nil
  ) throws(TensorError) {
    let shape = try outputShape(for: input.shape)
    guard output.shape == shape else {
      throw .invalidShape("the output has shape \(output.shape), the convolution makes \(shape)")
    }
    guard residual == nil || residual?.shape == shape else {
      throw .invalidShape("the residual has shape \(residual?.shape.description ?? ""), the output \(shape)")
    }
    output.withMutableView { output in
      engine.withWorkspace { workspace in
        input.withView { input in
          if let residual {
            residual.withView { self(input, into: output, adding: $0, workspace) }
          } else {
            self(input, into: output, workspace)
          }
        }
      }
    }
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
    switch algorithm {
    case .direct: implicitConvolution(input, into: output, adding: residual, workspace)
    case .winograd where configuration.stride == 2:
      stridedWinogradConvolution(input, into: output, adding: residual, workspace)
    case .winograd, .guardedWinograd, .winogradDots:
      winogradConvolution(input, into: output, adding: residual, workspace)
    case .dots:
      if let dots { dotConvolution(dots, input, into: output, adding: residual, workspace) }
    }
  }
}

extension Convolution.Configuration {
  func outputShape(for input: Shape) -> Shape {
    func extent(_ size: Int, _ kernel: Int) -> Int {
      let space = size + 2 * padding - dilation * (kernel - 1) - 1
      return space < 0 ? 0 : space / stride + 1
    }
    return Shape(
      batch: input.batch, height: extent(input.height, kernelHeight), width: extent(input.width, kernelWidth),
      channels: outputChannels)
  }

  func validate() throws(TensorError) {
    let limits: [(name: String, value: Int, range: ClosedRange<Int>)] = [
      ("inputChannels", inputChannels, 1...1 << 20), ("outputChannels", outputChannels, 1...1 << 20),
      ("kernelHeight", kernelHeight, 1...1 << 10), ("kernelWidth", kernelWidth, 1...1 << 10),
      ("stride", stride, 1...1 << 10), ("padding", padding, 0...1 << 10), ("dilation", dilation, 1...1 << 10),
    ]
    for (name, value, range) in limits where !range.contains(value) {
      throw .invalidParameter("\(name) must be \(range.lowerBound) to \(range.upperBound), got \(value)")
    }
    // Each thread has a table with one address for each kernel position and each pixel of a block.
    guard kernelHeight * kernelWidth <= 1 << 14 else {
      throw .invalidParameter(
        "a kernel may have at most \(1 << 14) positions, got \(kernelHeight)x\(kernelWidth)")
    }
  }
}
