import Kernels

/// A two-dimensional transposed convolution with bias and activation, whose weights are packed for one engine.
///
/// Matches PyTorch's `ConvTranspose2d` with one group and no output padding (Dumoulin and Visin, arXiv:1603.07285):
///
/// ```
/// y[n, i * stride - padding + u * dilation, j * stride - padding + v * dilation, o] gets
///   the sum over i, j, u, v, c of weights[c, o, u, v] * x[n, i, j, c]
/// ```
///
/// plus the bias, then the activation. Outputs whose places differ by a multiple of the stride have the same weights. So
/// it runs as one convolution of stride 1 to `stride.height * stride.width` times as many channels, one part of them for
/// each place, and a copy that arranges them. Where kernel and stride are equal, that is a 1×1 convolution.
public struct TransposedConvolution: Sendable {
  /// The channels, the kernel's geometry and the activation of a transposed convolution.
  public struct Configuration: Sendable, Hashable {
    /// The number of input channels, 1 to 2^20.
    public var inputChannels: Int
    /// The number of output channels; this times the stride's area is 1 to 2^20.
    public var outputChannels: Int
    /// The size of the kernel, 1 to 1024 in each direction.
    public var kernel: Extent
    /// The step from the outputs of one input pixel to those of the next, in output pixels, 1 to 1024.
    public var stride: Extent
    /// The width of the border that is cut off from the output on each side, in pixels, 0 to 1024.
    public var padding: Extent
    /// The step from one kernel position to the next, in output pixels, 1 to 1024.
    public var dilation: Extent
    /// The function applied to the sum with its bias.
    public var activation: Activation

    /// Makes a configuration; the ranges are checked when a transposed convolution is made from it.
    public init(
      inputChannels: Int, outputChannels: Int, kernel: Extent, stride: Extent = 1, padding: Extent = 0,
      dilation: Extent = 1, activation: Activation = .none
    ) {
      self.inputChannels = inputChannels
      self.outputChannels = outputChannels
      self.kernel = kernel
      self.stride = stride
      self.padding = padding
      self.dilation = dilation
      self.activation = activation
    }
  }

  /// The channels, the kernel's geometry and the activation.
  public let configuration: Configuration
  private let engine: Engine
  /// The convolution to the outputs of all places, `[stride.height][stride.width][outputChannels]`.
  package let places: Convolution

  /// The largest number of weights of that convolution.
  private static let weightLimit = 1 << 28

  /// Makes a transposed convolution and packs its weights.
  ///
  /// - Parameters:
  ///   - configuration: The channels, the kernel's geometry and the activation.
  ///   - weights: `[inputChannels][outputChannels][kernel.height][kernel.width]`, as PyTorch stores them.
  ///   - bias: `[outputChannels]`, or nil for zeros.
  ///   - engine: The engine that the convolution runs on; the weights are packed for its level.
  /// - Throws: `TensorError.invalidParameter` for a size out of range, or a weight or bias that is not finite;
  ///   `TensorError.invalidShape` for a wrong number of weights or biases.
  public init(
    _ configuration: Configuration, weights: [Float], bias: [Float]? = nil, engine: Engine
  ) throws(TensorError) {
    try requireFinite(weights, "weight")
    if let bias { try requireFinite(bias, "bias") }
    try self.init(configuration, weights: weights, bias: bias, format: .init(.float32), engine: engine)
  }

  /// Makes a transposed convolution of an input of the given format, and packs its weights.
  package init(
    _ configuration: Configuration, weights: [Float], bias: [Float]?, format: MapFormat, engine: Engine
  ) throws(TensorError) {
    let c = configuration
    try c.validate()
    guard weights.count == c.weightCount else {
      throw .invalidShape(
        "a transposed convolution [\(c.inputChannels), \(c.outputChannels), \(c.kernel.height), \(c.kernel.width)] "
          + "needs \(c.weightCount) weights, got \(weights.count)")
    }
    guard bias == nil || bias?.count == c.outputChannels else {
      throw .invalidShape(
        "a transposed convolution to \(c.outputChannels) channels needs \(c.outputChannels) biases, got "
          + "\(bias?.count ?? 0)")
    }
    let (size, area) = (c.placeKernel, c.stride.height * c.stride.width)
    let count = area * c.outputChannels * c.inputChannels * size.height * size.width
    guard count <= Self.weightLimit else {
      throw .invalidParameter(
        "a transposed convolution may have at most \(Self.weightLimit) weights once a kernel of \(c.kernel) with "
          + "dilation \(c.dilation) is divided by the stride \(c.stride) into kernels of \(size), for "
          + "\(c.inputChannels) input and \(c.outputChannels) output channels")
    }
    self.configuration = configuration
    self.engine = engine
    places = try Convolution(
      .init(
        inputChannels: c.inputChannels, outputChannels: area * c.outputChannels, kernel: size,
        padding: Extent(height: size.height - 1, width: size.width - 1), activation: c.activation),
      weights: c.placeWeights(weights, count: count),
      bias: bias.map { bias in (0..<area).flatMap { _ in bias } }, format: format, engine: engine)
  }

  /// The shape `[N, H', W', outputChannels]` of the output for an input of shape `[N, H, W, inputChannels]`: `H'` is
  /// `(H - 1) * stride.height - 2 * padding.height + dilation.height * (kernel.height - 1) + 1`, and `W'` likewise.
  ///
  /// - Throws: `TensorError.invalidShape` when the number of channels differs, when nothing is left of the output, or
  ///   when it would have more than 2^32 elements.
  public func outputShape(for input: Shape) throws(TensorError) -> Shape {
    try input.validate()
    let c = configuration
    guard input.channels == c.inputChannels else {
      throw .invalidShape(
        "a transposed convolution of \(c.inputChannels) input channels got an input of shape \(input)")
    }
    let output = outputShape(of: input)
    guard output.height > 0, output.width > 0 else {
      throw .invalidShape(
        "a transposed convolution of \(input) with a \(c.kernel) kernel of dilation \(c.dilation), stride \(c.stride) "
          + "and padding \(c.padding) would have an output of \(output)")
    }
    // What lies in the border that is cut off counts too.
    try places.outputShape(of: input).validate()
    return try output.validated()
  }

  /// Convolves `input`, `[N, H, W, inputChannels]`.
  ///
  /// - Throws: `TensorError.invalidShape` when the shape does not fit.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    try engine.makeTensor(outputShape(for: input.shape), from: input) { self($0, into: $1, $2) }
  }

  /// Convolves `input` and writes the result to an existing tensor.
  ///
  /// - Parameters:
  ///   - input: `[N, H, W, inputChannels]`.
  ///   - output: Of the shape `outputShape(for:)`, or with more channels if `channel` is given.
  ///   - channel: Where the result's channels begin; the output's other channels stay. By default the output has no
  ///     others.
  /// - Throws: `TensorError.invalidShape` when a shape does not fit.
  public func callAsFunction(
    _ input: Tensor, into output: inout Tensor, at channel: Int? = nil
  ) throws(TensorError) {
    try engine.write(outputShape(for: input.shape), from: input, to: &output, at: channel) { self($0, into: $1, $2) }
  }

  /// The shape of the output, for an input shape that fits.
  package func outputShape(of input: Shape) -> Shape {
    let c = configuration
    let reach = c.reach
    return Shape(
      batch: input.batch, height: (input.height - 1) * c.stride.height - 2 * c.padding.height + reach.height,
      width: (input.width - 1) * c.stride.width - 2 * c.padding.width + reach.width, channels: c.outputChannels)
  }

  /// Convolves `input`, of the format that the weights are packed for, and writes to `output`, which may be a slice of
  /// channels.
  package func callAsFunction(_ input: TensorView, into output: TensorView, _ workspace: Workspace) {
    let c = configuration
    assert(output.shape == outputShape(of: input.shape))
    let timer = workspace.timer
    defer {
      timer?.stop(
        "transposed convolution \(c.kernel)/\(c.stride)", from: input.shape, to: output.shape,
        multiplyAdds: input.shape.count * c.outputChannels * c.kernel.height * c.kernel.width)
    }
    workspace.arena.scope {
      let map = workspace.arena.tensor(places.outputShape(of: input.shape), output.format)
      places(input, into: map, workspace.unprofiled)
      arrange(map, into: output, workspace)
    }
  }

  /// Copies the outputs of every place to where they belong.
  private func arrange(_ map: TensorView, into output: TensorView, _ workspace: Workspace) {
    let c = configuration
    let bytes = c.outputChannels * output.format.byteCount
    let (height, width) = (output.shape.height, output.shape.width)
    workspace.parallel(output.shape.batch * height) { _, row in
      let y = row % height + c.padding.height
      let line = (row / height * map.shape.height + y / c.stride.height) * map.shape.width
      let place = y % c.stride.height * c.stride.width
      for x in 0..<width {
        let (column, part) = (x + c.padding.width).quotientAndRemainder(dividingBy: c.stride.width)
        let source = map.address(line + column) + (place + part) * bytes
        output.address(row * width + x).copyMemory(from: source, byteCount: bytes)
      }
    }
  }
}

extension TransposedConvolution.Configuration {
  /// The size of the kernel with its dilation.
  fileprivate var reach: Extent {
    Extent(height: dilation.height * (kernel.height - 1) + 1, width: dilation.width * (kernel.width - 1) + 1)
  }

  /// The size of the kernel of one place: every `stride`th row and column.
  fileprivate var placeKernel: Extent {
    Extent(
      height: (reach.height + stride.height - 1) / stride.height,
      width: (reach.width + stride.width - 1) / stride.width)
  }

  fileprivate var weightCount: Int { inputChannels * outputChannels * kernel.height * kernel.width }

  /// The weights of all places, `[stride.height][stride.width][outputChannels][inputChannels][height][width]` with
  /// mirrored kernels of the size `placeKernel`.
  fileprivate func placeWeights(_ weights: [Float], count: Int) -> [Float] {
    var result = [Float](repeating: 0, count: count)
    let size = placeKernel
    let positions = kernel.height * kernel.width
    for u in 0..<kernel.height {
      let (row, rowPlace) = (u * dilation.height).quotientAndRemainder(dividingBy: stride.height)
      for v in 0..<kernel.width {
        let (column, columnPlace) = (v * dilation.width).quotientAndRemainder(dividingBy: stride.width)
        let place = rowPlace * stride.width + columnPlace
        let position = (size.height - 1 - row) * size.width + size.width - 1 - column
        for output in 0..<outputChannels {
          for input in 0..<inputChannels {
            let target = ((place * outputChannels + output) * inputChannels + input) * size.height * size.width
            result[target + position] =
              weights[(input * outputChannels + output) * positions + u * kernel.width + v]
          }
        }
      }
    }
    return result
  }

  fileprivate func validate() throws(TensorError) {
    for (name, value) in [("inputChannels", inputChannels), ("outputChannels", outputChannels)]
    where !(1...1 << 20).contains(value) {
      throw .invalidParameter("\(name) must be 1 to \(1 << 20), got \(value)")
    }
    try kernel.validate("kernel", in: 1...1 << 10)
    try stride.validate("stride", in: 1...1 << 10)
    try padding.validate("padding", in: 0...1 << 10)
    try dilation.validate("dilation", in: 1...1 << 10)
    guard outputChannels * stride.height * stride.width <= 1 << 20 else {
      throw .invalidParameter(
        "a transposed convolution may have at most \(1 << 20) output channels times the stride's area, got "
          + "\(outputChannels) with stride \(stride)")
    }
    guard placeKernel.height <= 1 << 10, placeKernel.width <= 1 << 10,
      placeKernel.height * placeKernel.width <= 1 << 14
    else {
      throw .invalidParameter(
        "a kernel of \(kernel) with dilation \(dilation) and stride \(stride) has parts of \(placeKernel); at most "
          + "\(1 << 14) positions are allowed")
    }
  }
}
