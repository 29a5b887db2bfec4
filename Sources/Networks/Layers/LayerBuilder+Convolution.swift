import Tensor

extension LayerBuilder {
  /// Builds a convolution, PyTorch's `Conv2d`, with the batch normalization and the activation after it.
  ///
  /// - Parameters:
  ///   - normalization: The place of the batch normalization after the convolution, which is folded into its weights;
  ///     nil if there is none. If the place has no tensors, the normalization was folded before the file was saved, and
  ///     the convolution has a bias.
  ///   - inputs: The number of input channels that the weights must have; nil for that of the weights.
  ///   - outputs: The number of output channels that the weights must have; nil for that of the weights.
  ///   - kernel: The size that the kernel must have; nil for that of the weights.
  ///   - stride: The step from one output to the next, in pixels.
  ///   - padding: The width of the border of zeros, in pixels; nil for half of the kernel, so that an odd kernel of
  ///     stride 1 keeps height and width.
  ///   - dilation: The step from one kernel position to the next, in pixels.
  ///   - groups: The number of groups of channels; that of the input channels for a depthwise convolution.
  ///   - bias: Whether the convolution has a bias; nil if it has one exactly where there is no normalization.
  ///   - activation: The function applied to the result.
  ///   - addsBeforeActivation: Whether a residual is added before the activation, as in a ResNet.
  /// - Throws: `WeightFileError.missing`, `misshapen`, `unexpectedRank`, `notFinite` or `unreadable` for a tensor that
  ///   does not suit; `TensorError` for a parameter out of range, or groups that do not divide the channels.
  public func convolution(
    normalization: LayerBuilder? = nil, from inputs: Int? = nil, to outputs: Int? = nil, kernel: Extent? = nil,
    stride: Extent = 1, padding: Extent? = nil, dilation: Extent = 1, groups: Int = 1, bias: Bool? = nil,
    activation: Activation = .none, addsBeforeActivation: Bool = false
  ) throws -> Convolution {
    let folded = try folded(
      normalization: normalization, from: inputs, to: outputs, kernel: kernel, groups: groups, bias: bias)
    return try convolution(
      folded, stride: stride, padding: padding, dilation: dilation, groups: groups, activation: activation,
      addsBeforeActivation: addsBeforeActivation)
  }

  /// Builds a batch normalization that does not follow a convolution, PyTorch's `BatchNorm2d`, with the activation after
  /// it. It is a depthwise convolution of 1×1.
  ///
  /// - Throws: `WeightFileError.missing`, `misshapen`, `unexpectedRank`, `notFinite` or `unreadable` for a tensor that
  ///   does not suit.
  public func batchNormalization(activation: Activation = .none) throws -> Convolution {
    let channels = try shape(rank: 1)[0]
    let folded = try FoldedWeights(weights, channels: channels, epsilon: epsilon)
    return try convolution(folded, groups: channels, activation: activation)
  }

  /// Builds a convolution from weights that were read.
  func convolution(
    _ folded: FoldedWeights, stride: Extent = 1, padding: Extent? = nil, dilation: Extent = 1, groups: Int = 1,
    activation: Activation = .none, addsBeforeActivation: Bool = false
  ) throws(TensorError) -> Convolution {
    let kernel = Extent(height: folded.shape[2], width: folded.shape[3])
    let half = Extent(
      height: (kernel.height - 1) * dilation.height / 2, width: (kernel.width - 1) * dilation.width / 2)
    do {
      return try Convolution(
        .init(
          inputChannels: folded.shape[1] * groups, outputChannels: folded.shape[0], kernel: kernel, stride: stride,
          padding: padding ?? half, dilation: dilation, groups: groups, activation: activation,
          addsBeforeActivation: addsBeforeActivation, preservesTies: preservesTies),
        weights: folded.weights, bias: folded.bias, format: format, engine: engine)
    } catch .invalidParameter(let reason) {
      throw .invalidParameter("\(place): \(reason)")
    }
  }

  /// Reads the weights of a convolution, with its normalization folded in.
  func folded(
    normalization: LayerBuilder? = nil, from inputs: Int? = nil, to outputs: Int? = nil, kernel: Extent? = nil,
    groups: Int = 1, bias: Bool? = nil
  ) throws -> FoldedWeights {
    let limit = Self.largestExtent
    guard (1...limit).contains(groups) else {
      throw TensorError.invalidParameter("\(place): groups must be 1 to \(limit), got \(groups)")
    }
    if let inputs, !inputs.isMultiple(of: groups) {
      throw TensorError.invalidParameter("\(place): \(groups) groups do not divide the \(inputs) input channels")
    }
    let shape: [Int]
    if let inputs, let outputs, let kernel {
      shape = [outputs, inputs / groups, kernel.height, kernel.width]
    } else {
      let found = try self.shape(rank: 4)
      shape = [
        outputs ?? found[0], inputs.map { $0 / groups } ?? found[1], kernel?.height ?? found[2],
        kernel?.width ?? found[3],
      ]
    }
    guard shape[0].isMultiple(of: groups) else {
      throw TensorError.invalidParameter(
        "\(place): \(groups) groups do not divide the \(shape[0]) outputs of the weights \(shape)")
    }
    return try FoldedWeights(weights, normalization?.weights, shape, bias: bias, epsilon: epsilon)
  }
}
