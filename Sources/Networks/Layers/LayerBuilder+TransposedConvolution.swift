import Tensor

extension LayerBuilder {
  /// Builds a transposed convolution, PyTorch's `ConvTranspose2d`, with the batch normalization and the activation after
  /// it.
  ///
  /// - Parameters:
  ///   - normalization: The place of the batch normalization after it, which is folded into its weights; nil if there is
  ///     none. If the place has no tensors, the normalization was folded before the file was saved, and the layer has a
  ///     bias.
  ///   - stride: The step from the outputs of one input pixel to those of the next, in output pixels.
  ///   - padding: The width of the border that is cut from the result, in pixels.
  ///   - dilation: The step from one kernel position to the next, in output pixels.
  ///   - bias: Whether the layer has a bias; nil if it has one exactly where there is no normalization.
  ///   - activation: The function applied to the result.
  /// - Throws: `WeightFileError.missing`, `misshapen`, `unexpectedRank`, `notFinite` or `unreadable` for a tensor that
  ///   does not suit; `TensorError` for a parameter out of range.
  public func transposedConvolution(
    normalization: LayerBuilder? = nil, stride: Extent = 1, padding: Extent = 0, dilation: Extent = 1,
    bias: Bool? = nil, activation: Activation = .none
  ) throws -> TransposedConvolution {
    let shape = try shape(rank: 4)
    let folded = try FoldedWeights(
      weights, normalization?.weights, shape, outputAxis: 1, bias: bias, epsilon: epsilon)
    return try TransposedConvolution(
      .init(
        inputChannels: shape[0], outputChannels: shape[1], kernel: Extent(height: shape[2], width: shape[3]),
        stride: stride, padding: padding, dilation: dilation, activation: activation),
      weights: folded.weights, bias: folded.bias, format: format, engine: engine)
  }
}
