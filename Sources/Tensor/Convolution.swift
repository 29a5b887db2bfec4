import Kernels

/// A two-dimensional convolution with bias and activation, its weights packed for one engine.
///
/// As in PyTorch it is a cross-correlation: `y[n, i, j, o] = activation(bias[o] + sum over u, v, c of
/// weights[o, c, u, v] * x[n, i * stride - padding + u * dilation, j * stride - padding + v * dilation, c])`, with
/// zeros outside of the input. The residual is added after the activation, or before it on request.
///
/// 3×3 kernels of stride 1 and 2 on whole vectors of channels go by Winograd's minimal filtering in tiles of 4×4 or 6×6
/// outputs: about 1e-5 of the largest output away from the direct sum, and an infinite input reaches the outputs of its
/// tile. Everything else is summed directly.
public struct Convolution: Sendable {
  /// The geometry and the activation of a convolution.
  public struct Configuration: Sendable, Hashable {
    /// Channels of the input, at least 1.
    public var inputChannels: Int
    /// Channels of the output, at least 1.
    public var outputChannels: Int
    /// Rows of the kernel, at least 1; rows times columns are at most 16,384.
    public var kernelHeight: Int
    /// Columns of the kernel, at least 1.
    public var kernelWidth: Int
    /// Pixels from one output to the next, both ways, at least 1.
    public var stride: Int
    /// Zeros around the input, on all four sides, at least 0.
    public var padding: Int
    /// Pixels from one kernel position to the next, both ways, at least 1.
    public var dilation: Int
    /// What follows the sum and the bias.
    public var activation: Activation
    /// Whether a residual is added before the activation (ResNet) rather than after it (YOLOv5).
    public var addsBeforeActivation: Bool
    /// Whether the outputs of flat parts, whose pixels are equal, must be equal wherever they lie, to the last bit.
    /// Winograd rounds differently across its tile, so tiles that see two equal pixels next to each other are then summed
    /// directly; neighbourhoods that repeat without such a pair may still differ in the last bits.
    public var treatsPositionsAlike: Bool

    /// Makes a configuration of a square kernel, or of `kernelHeight` by `kernelWidth`.
    public init(
      inputChannels: Int, outputChannels: Int, kernelSize: Int = 1, kernelHeight: Int? = nil, kernelWidth: Int? = nil,
      stride: Int = 1, padding: Int = 0, dilation: Int = 1, activation: Activation = .none,
      addsBeforeActivation: Bool = false, treatsPositionsAlike: Bool = false
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
      self.treatsPositionsAlike = treatsPositionsAlike
    }
  }

  /// The geometry and the activation.
  public let configuration: Configuration
  let engine: Engine
  /// The format of the input.
  package let format: MapFormat
  let algorithm: ConvolutionAlgorithm
  /// The weights for the tiles of floats; none where dots are.
  let packed: PackedWeights
  /// The weights for the tiles that Winograd may not have, where equal positions must give equal outputs.
  let direct: PackedWeights?
  /// The weights for the tiles of dot products.
  let dots: PackedDots?

  /// Packs the weights.
  ///
  /// - Parameters:
  ///   - configuration: The geometry and the activation.
  ///   - weights: `[outputChannels][inputChannels][kernelHeight][kernelWidth]`, as PyTorch stores them.
  ///   - bias: `[outputChannels]`, or nil for zeros.
  ///   - engine: What the convolution runs on; the weights are packed for its level.
  /// - Throws: `TensorError.invalidParameter` for a size out of range, `TensorError.invalidShape` for a wrong count of
  ///   weights or biases.
  public init(
    _ configuration: Configuration, weights: [Float], bias: [Float]? = nil, engine: Engine
  ) throws(TensorError) {
    try self.init(configuration, weights: weights, bias: bias, format: .init(.float32), engine: engine)
  }

  /// The same for an input of that format.
  ///
  /// - Throws: Also `TensorError.invalidParameter` where the level or the count of channels does not allow the format.
  package init(
    _ configuration: Configuration, weights: [Float], bias: [Float]? = nil, format: MapFormat, engine: Engine
  ) throws(TensorError) {
    let c = configuration
    try c.validate()
    let expected = c.outputChannels * c.inputChannels * c.kernelHeight * c.kernelWidth
    guard weights.count == expected else {
      throw .invalidShape(
        "a convolution [\(c.outputChannels), \(c.inputChannels), \(c.kernelHeight), \(c.kernelWidth)] has \(expected) "
          + "weights, got \(weights.count)")
    }
    guard bias == nil || bias?.count == c.outputChannels else {
      throw .invalidShape("a convolution to \(c.outputChannels) channels has as many biases, got \(bias?.count ?? 0)")
    }
    if format.kind == .bfloat16 {
      try engine.requireBFloat16()
      guard c.inputChannels % 2 == 0 || c.canMergeRows else {
        throw .invalidParameter("a convolution of bfloat16 needs an even count of channels, got \(c.inputChannels)")
      }
    }
    // Sums of bytes are integers of 32 bits, and a product is at most 255 * 127.
    let products = c.inputChannels * c.kernelHeight * c.kernelWidth
    guard format.kind != .byte || products <= PackedDots.productLimit else {
      throw .invalidParameter(
        "a convolution of bytes sums at most \(PackedDots.productLimit) products in 32 bits, got \(c.inputChannels) channels "
          + "times \(c.kernelHeight)x\(c.kernelWidth), \(products)")
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
        weights, bias, c, format: format, engine.narrow.dots(for: format), lanes: engine.narrow.lanes)
    }
  }

  /// The shape of the output for an input of that shape.
  ///
  /// - Throws: `TensorError.invalidShape` when the channels differ or the kernel does not fit.
  public func outputShape(for input: Shape) throws(TensorError) -> Shape {
    try input.validate()
    let c = configuration
    guard input.channels == c.inputChannels else {
      throw .invalidShape("a convolution of \(c.inputChannels) channels got an input of shape \(input)")
    }
    let output = c.outputShape(for: input)
    guard output.height > 0, output.width > 0 else {
      throw .invalidShape(
        "a \(c.kernelHeight)x\(c.kernelWidth) kernel of dilation \(c.dilation) does not fit into \(input) with padding "
          + "\(c.padding)")
    }
    return output
  }

  /// Convolves `input`, `[N, H, W, inputChannels]`, adding `residual`, shaped like the output, where given.
  ///
  /// - Throws: `TensorError.invalidShape` when a shape does not fit.
  public func callAsFunction(_ input: Tensor, adding residual: Tensor? = nil) throws(TensorError) -> Tensor {
    let shape = try outputShape(for: input.shape)
    try shape.validate()
    var output = Tensor(uninitialized: shape)
    try self(input, into: &output, adding: residual)
    return output
  }

  /// The same into memory that is already there.
  ///
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

  /// The shape of the output for an input that fits.
  package func outputShape(of input: Shape) -> Shape { configuration.outputShape(for: input) }

  /// Convolves into a view, which may be a slice of channels. `residual` may be the output itself.
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
    // Each thread has a table of addresses, for every position those of a block of pixels.
    guard kernelHeight * kernelWidth <= 1 << 14 else {
      throw .invalidParameter(
        "a kernel has at most \(1 << 14) positions, got \(kernelHeight)x\(kernelWidth)")
    }
  }
}
