/// The kernels of one instruction-set level as plain functions, chosen once when an engine is made.
///
/// A kernel with several numbers takes them in a struct, so that none can be exchanged for another. The tables are
/// classes, so that passing one on costs one reference count.
public final class KernelTable: Sendable {
  /// The instruction-set level that these kernels need.
  public let level: Level
  /// Floats in a vector.
  public let lanes: Int
  /// Whether a multiply-add rounds once, not twice.
  public let fusesMultiplyAdds: Bool
  /// The register tiles.
  public let tiles: TileKernel.List
  /// The sizes of the register tiles.
  public let tileSizes: TileSizes
  /// The depthwise convolution.
  public let depthwise: DepthwiseKernel
  /// The transforms of Winograd's minimal filtering.
  public let winograd: WinogradKernels
  /// The kernels for feature maps and boxes.
  public let maps: MapKernels
  /// The kernels for images that become a network's input.
  public let images: ImageKernels
  /// The kernels of the circle detector.
  public let circles: CircleKernels
  /// Multiply-adds on registers only, to measure the peak.
  public let multiplyAdds: @Sendable (_ rounds: Int, _ values: UnsafeMutablePointer<Float>) -> Void

  /// Specialises every kernel for `isa`.
  @inlinable @inline(__always)
  public init<ISA: InstructionSet>(_ level: Level, _ isa: ISA.Type, tiles: TileKernel.List, depthwise: DepthwiseKernel)
  {
    self.level = level
    self.lanes = ISA.lanes
    fusesMultiplyAdds = ISA.fusesMultiplyAdds
    self.tiles = tiles
    tileSizes = TileSizes { tiles[$0]?.rows }
    self.depthwise = depthwise
    winograd = WinogradKernels(isa)
    maps = MapKernels(isa)
    images = ImageKernels(isa)
    circles = CircleKernels(isa)
    multiplyAdds = { ISA.multiplyAdds($0, $1) }
  }
}

/// The transforms of Winograd's minimal filtering on maps of floats.
public final class WinogradKernels: Sendable {
  /// `InstructionSet.winogradInput`.
  public typealias Input = @Sendable (WinogradInput) -> Void
  /// `InstructionSet.winogradOutput`.
  public typealias Output = @Sendable (UnsafePointer<WinogradOutput>) -> Void
  /// `InstructionSet.stridedWinogradInput`.
  public typealias StridedInput =
    @Sendable (
      _ taps: UnsafePointer<UnsafeRawPointer>, _ channels: Int, _ target: UnsafeMutablePointer<Float>,
      _ offsets: UnsafePointer<Int>
    ) -> Void
  /// `InstructionSet.stridedWinogradOutput`.
  public typealias StridedOutput = @Sendable (UnsafePointer<WinogradOutput>, _ offsets: UnsafePointer<Int>) -> Void

  /// The input transform of a tile of 4×4.
  public let input: Input
  /// The output transform of a tile of 4×4.
  public let output: Output
  /// The input transform of a tile of 6×6.
  public let largeInput: Input
  /// The output transform of a tile of 6×6.
  public let largeOutput: Output
  /// The input transform of a tile of 4×4 with stride 2.
  public let stridedInput: StridedInput
  /// The output transform of a tile of 4×4 with stride 2.
  public let stridedOutput: StridedOutput

  /// Specialises the kernels for `isa`.
  @inlinable @inline(__always)
  public init<ISA: InstructionSet>(_ isa: ISA.Type) {
    input = {
      ISA.winogradInput($0) {
        ISA.load($0, $1)
      } write: {
        ISA.store($0, $1, $2)
      }
    }
    output = {
      ISA.winogradOutput($0.pointee) {
        ISA.load($0, $1)
      } write: {
        ISA.store($0, $1, $2)
      }
    }
    largeInput = { ISA.largeWinogradInput($0) }
    largeOutput = { ISA.largeWinogradOutput($0.pointee) }
    stridedInput = { ISA.stridedWinogradInput($0, $1, $2, $3) }
    stridedOutput = { ISA.stridedWinogradOutput($0.pointee, $1) }
  }
}

/// The kernels for feature maps of floats, and for boxes.
public final class MapKernels: Sendable {
  /// `InstructionSet.weightedSum`.
  public typealias WeightedSum = @Sendable (WeightedSumOperands) -> Void

  /// The sigmoid of an array.
  public let sigmoid: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, _ count: Int) -> Void
  /// The sum of two arrays.
  public let add: @Sendable (AdditionOperands) -> Void
  /// The product of a map's pixels and one factor for each channel.
  public let scale: @Sendable (ScalingOperands) -> Void
  /// Max pooling.
  public let maximumPool: @Sendable (MaximumPoolOperands) -> Void
  /// A weighted sum of pixels, for interpolation.
  public let weightedSum: WeightedSum
  /// Bias, activation and residual of a convolution whose sums are in memory.
  public let biasActivation: @Sendable (BiasActivationOperands) -> Void
  /// The sum of the products of two arrays' elements.
  public let dotProduct: @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, _ count: Int) -> Float
  /// Suppression of the boxes that overlap a given one.
  public let suppress: @Sendable (SuppressionOperands) -> Void

  /// Specialises the kernels for `isa`.
  @inlinable @inline(__always)
  public init<ISA: InstructionSet>(_ isa: ISA.Type) {
    sigmoid = { ISA.sigmoid($0, $1, $2) }
    add = { ISA.add($0) }
    scale = { ISA.scale($0) }
    maximumPool = { ISA.maximumPool($0) }
    weightedSum = { ISA.weightedSum($0) }
    biasActivation = { ISA.biasActivation($0) }
    dotProduct = { ISA.dotProduct($0, $1, $2) }
    suppress = { ISA.suppress($0) }
  }
}

/// The kernels for images that become a network's input.
public final class ImageKernels: Sendable {
  /// The horizontal half of a bilinear resize of bytes.
  public let interpolateRow: @Sendable (InterpolateRowOperands) -> Void
  /// The vertical half of a bilinear resize of bytes.
  public let blendRows: @Sendable (BlendRowsOperands) -> Void
  /// The mean of 2×2 pixels.
  public let halveRows:
    @Sendable (
      _ top: UnsafePointer<UInt8>, _ bottom: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<UInt8>, _ width: Int
    ) -> Void
  /// A row of a bilinear resize of floats.
  public let resizeRow: @Sendable (ResizeRowOperands) -> Void
  /// Bytes to floats in 0...1.
  public let normalize: @Sendable (UnsafePointer<UInt8>, UnsafeMutablePointer<Float>, _ count: Int) -> Void
  /// Bytes to floats, less the mean and divided by the standard deviation.
  public let standardize: @Sendable (StandardizeOperands) -> Void

  /// Specialises the kernels for `isa`.
  @inlinable @inline(__always)
  public init<ISA: InstructionSet>(_ isa: ISA.Type) {
    interpolateRow = { ISA.interpolateRow($0) }
    blendRows = { ISA.blendRows($0) }
    halveRows = { ISA.halveRows($0, $1, $2, $3) }
    resizeRow = { ISA.resizeRow($0) }
    normalize = { ISA.normalize($0, $1, $2) }
    standardize = { ISA.standardize($0) }
  }
}

/// The kernels of the circle detector.
public final class CircleKernels: Sendable {
  /// RGB to luma.
  public let grayscale: @Sendable (UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>, _ count: Int) -> Void
  /// The horizontal half of a blur.
  public let smoothRow: @Sendable (SmoothRowOperands) -> Void
  /// The vertical half of a blur.
  public let smoothColumns: @Sendable (SmoothColumnsOperands) -> Void
  /// The medians of a row.
  public let medianRow: @Sendable (MedianRowOperands) -> Void
  /// Derivatives and magnitude of a row.
  public let sobelRow: @Sendable (SobelRowOperands) -> Void
  /// Non-maximum suppression along the gradient.
  public let thinEdges: @Sendable (ThinEdgesOperands) -> Void
  /// Points counted by their distance from a centre.
  public let countRadii: @Sendable (CountRadiiOperands) -> Void

  /// Specialises the kernels for `isa`.
  @inlinable @inline(__always)
  public init<ISA: InstructionSet>(_ isa: ISA.Type) {
    grayscale = { ISA.grayscale($0, $1, $2) }
    smoothRow = { ISA.smoothRow($0) }
    smoothColumns = { ISA.smoothColumns($0) }
    medianRow = { ISA.medianRow($0) }
    sobelRow = { ISA.sobelRow($0) }
    thinEdges = { ISA.thinEdges($0) }
    countRadii = { ISA.countRadii($0) }
  }
}
