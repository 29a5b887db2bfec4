/// One way to compute a convolution. Each algorithm is a struct that packs the weights when it is made, takes its
/// scratch memory from the arena of a call, and runs on views.
protocol ConvolutionAlgorithm: Sendable {
  /// The name in profiles, such as `Winograd`.
  var name: String { get }

  /// Convolves `input` and writes to `output`, which may be a slice of channels. `residual` may be `output` itself.
  ///
  /// The shapes and formats fit: `Convolution` has checked them.
  func callAsFunction(
    _ input: TensorView, into output: TensorView, adding residual: TensorView?, _ workspace: Workspace)
}

/// A layer to compute: its configuration, and its weights and biases as PyTorch stores them.
struct ConvolutionLayer {
  let configuration: Convolution.Configuration
  /// `[outputChannels][inputChannels / groups][kernel height][kernel width]`.
  let weights: [Float]
  /// `[outputChannels]`, or nil for zeros.
  let bias: [Float]?
  /// The format of the input.
  let format: MapFormat
  let engine: Engine
}
