/// The operands of a run of dot tiles over one panel of output channels: those of `TileOperands` in narrow formats.
/// Strides are in elements of their map's format.
public struct DotOperands {
  /// `[positions][tapStride]` addresses.
  public var taps: UnsafePointer<UnsafeRawPointer>
  /// Addresses from one position to the next.
  public var tapStride: Int
  /// Kernel positions.
  public var positions: Int
  /// Words read at each position.
  public var depth: Int
  /// `[positions][depth][columns * lanes]` words, or what the instruction makes of them.
  public var weights: UnsafeRawPointer
  /// `[columns * lanes]`.
  public var bias: UnsafePointer<Float>
  /// `[columns * lanes]`, what a sum is multiplied by before the bias is added.
  public var scales: UnsafePointer<Float>
  /// What follows sum and bias.
  public var activation: Activation
  /// Added to the result; the first pixel's first channel.
  public var residual: UnsafeRawPointer?
  /// From one pixel of the residual to the next.
  public var residualStride: Int
  /// The residual's numbers.
  public var residualFormat: MapFormat
  /// Whether the residual is added before the activation rather than after it.
  public var addsBeforeActivation: Bool
  /// The first pixel's first channel.
  public var output: UnsafeMutableRawPointer
  /// From one pixel of the output to the next.
  public var outputStride: Int
  /// The output's numbers.
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
