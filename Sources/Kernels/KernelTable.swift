/// The kernels of one instruction-set level as plain functions, chosen once when an engine is made.
///
/// Operands are passed by pointer, since a wide vector cannot be passed in one register everywhere. The table is a
/// class, so that passing it on costs one reference count.
public final class KernelTable: Sendable {
  /// One register tile.
  public struct TileKernel: Sendable {
    /// Output pixels per tile.
    public let rows: Int
    /// Vectors of output channels per tile.
    public let columns: Int
    /// Computes `count` consecutive tiles.
    public let run: @Sendable (_ operands: UnsafePointer<TileOperands>, _ count: Int) -> Void

    /// Makes an entry.
    @inlinable @inline(__always)
    public init(rows: Int, columns: Int, run: @escaping @Sendable (UnsafePointer<TileOperands>, Int) -> Void) {
      self.rows = rows
      self.columns = columns
      self.run = run
    }
  }

  /// One register tile of dot products.
  public struct DotTileKernel: Sendable {
    /// Output pixels per tile.
    public let rows: Int
    /// Vectors of output channels per tile.
    public let columns: Int
    /// Computes `count` consecutive tiles.
    public let run: @Sendable (_ operands: UnsafePointer<DotOperands>, _ count: Int) -> Void

    /// Makes an entry.
    @inlinable @inline(__always)
    public init(rows: Int, columns: Int, run: @escaping @Sendable (UnsafePointer<DotOperands>, Int) -> Void) {
      self.rows = rows
      self.columns = columns
      self.run = run
    }
  }

  /// A depthwise convolution.
  public struct DepthwiseKernel: Sendable {
    /// Output rows per tile.
    public let rows: Int
    /// Output columns per tile.
    public let columns: Int
    /// Computes up to `rows` rows of outputs.
    public let run: @Sendable (_ operands: UnsafePointer<DepthwiseOperands>) -> Void

    /// Makes an entry.
    @inlinable @inline(__always)
    public init(rows: Int, columns: Int, run: @escaping @Sendable (UnsafePointer<DepthwiseOperands>) -> Void) {
      self.rows = rows
      self.columns = columns
      self.run = run
    }
  }

  /// Tiles, indexed by their number of columns minus one.
  public typealias Tiles = InlineArray<4, TileKernel?>
  /// `InstructionSet.maximumPool`.
  public typealias MaximumPool =
    @Sendable (UnsafePointer<UnsafeRawPointer>, Int, Int, Int, UnsafeMutablePointer<Float>, Int, Int) -> Void
  /// `InstructionSet.winogradInput`.
  public typealias WinogradInput =
    @Sendable (UnsafePointer<UnsafeRawPointer>, Int, Int, Int, UnsafeMutableRawPointer, Int) -> Void
  /// `InstructionSet.winogradOutput`.
  public typealias WinogradTransform = @Sendable (UnsafePointer<WinogradOutput>) -> Void
  /// `InstructionSet.stridedWinogradInput`.
  public typealias StridedWinogradInput =
    @Sendable (UnsafePointer<UnsafeRawPointer>, Int, UnsafeMutablePointer<Float>, UnsafePointer<Int>) -> Void
  /// `InstructionSet.stridedWinogradOutput`.
  public typealias StridedWinogradTransform = @Sendable (UnsafePointer<WinogradOutput>, UnsafePointer<Int>) -> Void
  /// `InstructionSet.weightedSum`.
  public typealias WeightedSum =
    @Sendable (
      UnsafePointer<UnsafeRawPointer>, UnsafePointer<Float>, Int, Int, UnsafeMutableRawPointer
    ) -> Void
  /// `InstructionSet.resizeRow`.
  public typealias ResizeRow =
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<Float>, Float, UnsafePointer<Int32>, UnsafePointer<Int32>,
      UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int
    ) -> Void
  /// `InstructionSet.standardize`.
  public typealias Standardize =
    @Sendable (
      UnsafePointer<UInt8>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int
    ) -> Void
  /// `InstructionSet.suppress`.
  public typealias Suppress =
    @Sendable (UnsafePointer<BoxColumns>, Int, Int, Int, Float, UnsafeMutablePointer<Float>) -> Void
  /// `InstructionSet.interpolateRow`.
  public typealias InterpolateRow =
    @Sendable (
      UnsafePointer<UInt8>, UnsafePointer<Int32>, UnsafePointer<Int32>, UnsafePointer<Int32>,
      UnsafeMutablePointer<Int32>, Int
    ) -> Void
  /// `InstructionSet.blendRows`.
  public typealias BlendRows =
    @Sendable (UnsafePointer<Int32>, UnsafePointer<Int32>, Int32, Int32, UnsafeMutablePointer<UInt8>, Int) -> Void
  /// `InstructionSet.halveRows`.
  public typealias HalveRows =
    @Sendable (UnsafePointer<UInt8>, UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>, Int) -> Void
  /// `InstructionSet.smoothRow`.
  public typealias SmoothRow =
    @Sendable (UnsafePointer<UInt8>, UnsafePointer<UInt16>, Int, UnsafeMutablePointer<UInt16>, Int) -> Void
  /// `InstructionSet.smoothColumns`.
  public typealias SmoothColumns =
    @Sendable (
      UnsafePointer<UnsafePointer<UInt16>>, UnsafePointer<UInt16>, Int, UnsafeMutablePointer<UInt32>,
      UnsafeMutablePointer<UInt8>, Int
    ) -> Void
  /// `InstructionSet.medianRow`.
  public typealias MedianRow =
    @Sendable (
      UnsafePointer<UInt8>, Int, Int, UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>, Int
    ) -> Void
  /// `InstructionSet.sobelRow`.
  public typealias SobelRow =
    @Sendable (
      UnsafePointer<UInt8>, UnsafePointer<UInt8>, UnsafePointer<UInt8>, UnsafeMutablePointer<Int16>,
      UnsafeMutablePointer<Int16>, UnsafeMutablePointer<Int16>, Int
    ) -> Void
  /// `InstructionSet.countRadii`.
  public typealias CountRadii =
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<Float>, Int, Float, Float, UnsafePointer<RadiusBins>,
      UnsafeMutablePointer<Int32>
    ) -> Void

  /// The instruction-set level that these kernels need.
  public let level: Level
  /// Floats in a vector.
  public let lanes: Int
  /// The register tiles; every number of columns up to the widest is present.
  public let tiles: Tiles
  /// The depthwise convolution.
  public let depthwise: DepthwiseKernel
  /// The sum of two arrays.
  public let add: @Sendable (UnsafePointer<AdditionOperands>) -> Void
  /// The product of a map's pixels and one factor for each channel.
  public let scale: @Sendable (UnsafePointer<ScalingOperands>) -> Void
  /// The sigmoid of an array.
  public let sigmoid: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  /// Max pooling.
  public let maximumPool: MaximumPool
  /// The input transform of one Winograd tile.
  public let winogradInput: WinogradInput
  /// The output transform of one Winograd tile.
  public let winogradOutput: WinogradTransform
  /// The input transform of one Winograd tile of 6×6.
  public let largeWinogradInput: WinogradInput
  /// The output transform of one Winograd tile of 6×6.
  public let largeWinogradOutput: WinogradTransform
  /// The input transform of one Winograd tile of stride 2.
  public let stridedWinogradInput: StridedWinogradInput
  /// The output transform of one Winograd tile of stride 2.
  public let stridedWinogradOutput: StridedWinogradTransform
  /// A weighted sum of pixels, for interpolation.
  public let weightedSum: WeightedSum
  /// The sum of the products of two arrays' elements.
  public let dotProduct: @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, Int) -> Float
  /// A row of a bilinear resize of floats.
  public let resizeRow: ResizeRow
  /// Bytes to floats, less the mean and divided by the standard deviation.
  public let standardize: Standardize
  /// Suppression of the boxes that overlap a given one.
  public let suppress: Suppress
  /// The horizontal half of a bilinear resize.
  public let interpolateRow: InterpolateRow
  /// The vertical half of a bilinear resize.
  public let blendRows: BlendRows
  /// The mean of 2×2 pixels.
  public let halveRows: HalveRows
  /// Bytes to floats in 0...1.
  public let normalize: @Sendable (UnsafePointer<UInt8>, UnsafeMutablePointer<Float>, Int) -> Void
  /// RGB to luma.
  public let grayscale: @Sendable (UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>, Int) -> Void
  /// The horizontal half of a blur.
  public let smoothRow: SmoothRow
  /// The vertical half of a blur.
  public let smoothColumns: SmoothColumns
  /// The medians of a row.
  public let medianRow: MedianRow
  /// Derivatives and magnitude of a row.
  public let sobelRow: SobelRow
  /// Non-maximum suppression along the gradient.
  public let thinEdges: @Sendable (UnsafePointer<GradientRows>, Int16, Int16, UnsafeMutablePointer<UInt8>, Int) -> Void
  /// Points counted by their distance from a centre.
  public let countRadii: CountRadii
  /// Multiply-adds on registers only, to measure the peak.
  public let multiplyAdds: @Sendable (Int, UnsafeMutablePointer<Float>) -> Void

  /// Specialises every kernel for `isa`.
  @inlinable @inline(__always)
  public init<ISA: InstructionSet>(_ level: Level, _ isa: ISA.Type, tiles: Tiles, depthwise: DepthwiseKernel) {
    self.level = level
    self.lanes = ISA.lanes
    self.tiles = tiles
    self.depthwise = depthwise
    add = { ISA.add($0.pointee) }
    scale = { ISA.scale($0.pointee) }
    sigmoid = { ISA.sigmoid($0, $1, $2) }
    maximumPool = { ISA.maximumPool($0, $1, $2, $3, $4, $5, $6) }
    winogradInput = {
      ISA.winogradInput($0, $1, $2, $3, $4, $5) {
        ISA.load($0, $1)
      } write: {
        ISA.store($0, $1, $2)
      }
    }
    winogradOutput = {
      ISA.winogradOutput($0.pointee) {
        ISA.load($0, $1)
      } write: {
        ISA.store($0, $1, $2)
      }
    }
    largeWinogradInput = { taps, _, _, channels, target, stride in
      ISA.largeWinogradInput(taps, channels, target, stride)
    }
    largeWinogradOutput = { ISA.largeWinogradOutput($0.pointee) }
    stridedWinogradInput = { ISA.stridedWinogradInput($0, $1, $2, $3) }
    stridedWinogradOutput = { ISA.stridedWinogradOutput($0.pointee, $1) }
    dotProduct = { ISA.dotProduct($0, $1, $2) }
    weightedSum = { ISA.weightedSum($0, $1, $2, $3, $4) }
    resizeRow = { ISA.resizeRow($0, $1, $2, $3, $4, $5, $6, $7) }
    standardize = { ISA.standardize($0, $1, $2, $3, $4) }
    suppress = { ISA.suppress($0.pointee, $1, $2, $3, $4, $5) }
    interpolateRow = { ISA.interpolateRow($0, $1, $2, $3, $4, $5) }
    blendRows = { ISA.blendRows($0, $1, $2, $3, $4, $5) }
    halveRows = { ISA.halveRows($0, $1, $2, $3) }
    grayscale = { ISA.grayscale($0, $1, $2) }
    smoothRow = { ISA.smoothRow($0, $1, $2, $3, $4) }
    smoothColumns = { ISA.smoothColumns($0, $1, $2, $3, $4, $5) }
    medianRow = { ISA.medianRow($0, $1, $2, $3, $4, $5) }
    sobelRow = { ISA.sobelRow($0, $1, $2, $3, $4, $5, $6) }
    thinEdges = { ISA.thinEdges($0.pointee, $1, $2, $3, $4) }
    countRadii = { ISA.countRadii($0, $1, $2, $3, $4, $5.pointee, $6) }
    multiplyAdds = { ISA.multiplyAdds($0, $1) }
    normalize = { ISA.normalize($0, $1, $2) }
  }

  /// Columns of the widest tile.
  @inlinable
  public var maximumColumns: Int {
    var columns = 0
    while columns < 4, tiles[columns] != nil { columns += 1 }
    return columns
  }
}

extension Tile {
  /// This tile as an entry of a table.
  @inlinable @inline(__always)
  public static var kernel: KernelTable.TileKernel {
    .init(rows: rows, columns: columns) { operands, count in run(operands.pointee, count: count) }
  }
}
