/// The operands of a run of dot-product tiles over one panel of output channels, with maps of bytes or bfloat16.
///
/// Taps are laid out like those of `TileOperands`. Strides are in elements of their map's format.
public struct DotOperands {
  /// `[positions][tapStride]` addresses.
  public var taps: UnsafePointer<UnsafeRawPointer>
  /// Addresses from one position to the next.
  public var tapStride: Int
  /// Kernel positions.
  public var positions: Int
  /// Words read at each position.
  public var depth: Int
  /// `[positions][depth][columns * lanes]` words, each of `DotInstruction.weightBytes`.
  public var weights: UnsafeRawPointer
  /// `[columns * lanes]`.
  public var bias: UnsafePointer<Float>
  /// `[columns * lanes]` factors by which the sums are multiplied before the bias is added.
  public var scales: UnsafePointer<Float>
  /// Applied to the sum with its bias.
  public var activation: Activation
  /// The first pixel's first channel of a map that is added to the result, or nil.
  public var residual: UnsafeRawPointer?
  /// Elements from one pixel of the residual to the next.
  public var residualStride: Int
  /// The format of the residual.
  public var residualFormat: MapFormat
  /// Whether the residual is added before the activation rather than after it.
  public var addsBeforeActivation: Bool
  /// The first pixel's first channel of the output.
  public var output: UnsafeMutableRawPointer
  /// Elements from one pixel of the output to the next.
  public var outputStride: Int
  /// The format of the output.
  public var outputFormat: MapFormat

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    taps: UnsafePointer<UnsafeRawPointer>, tapStride: Int, positions: Int, depth: Int, weights: UnsafeRawPointer,
    bias: UnsafePointer<Float>, scales: UnsafePointer<Float>, activation: Activation, residual: UnsafeRawPointer?,
    residualStride: Int, residualFormat: MapFormat, addsBeforeActivation: Bool, output: UnsafeMutableRawPointer,
    outputStride: Int, outputFormat: MapFormat
  ) {
    self.taps = taps
    self.tapStride = tapStride
    self.positions = positions
    self.depth = depth
    self.weights = weights
    self.bias = bias
    self.scales = scales
    self.activation = activation
    self.residual = residual
    self.residualStride = residualStride
    self.residualFormat = residualFormat
    self.addsBeforeActivation = addsBeforeActivation
    self.output = output
    self.outputStride = outputStride
    self.outputFormat = outputFormat
  }
}
