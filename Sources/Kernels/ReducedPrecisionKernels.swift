/// The kernels of one level for reduced-precision maps: bytes (int8 quantisation) and, where the CPU multiplies it,
/// bfloat16.
public final class ReducedPrecisionKernels: Sendable {
  /// The tiles of one dot-product instruction, and the size of their weights.
  public struct Dots: Sendable {
    /// The register tiles.
    public let tiles: DotTileKernel.List
    /// The sizes of the register tiles.
    public let tileSizes: TileSizes
    /// Bytes of the weights of one input word and one output channel.
    public let weightBytes: Int

    /// Makes an entry for the tiles of one instruction.
    @inlinable @inline(__always)
    public init<Dot: DotInstruction>(_ dot: Dot.Type, tiles: DotTileKernel.List) {
      self.tiles = tiles
      tileSizes = TileSizes { tiles[$0]?.rows }
      weightBytes = Dot.weightBytes
    }
  }

  /// The kernels for maps of bfloat16. A class, since the compiler emits a weak function to set an optional struct of
  /// this size.
  public final class BFloats: Sendable {
    /// The register tiles.
    public let dots: Dots
    /// `InstructionSet.winogradInput`, to bfloat16.
    public let winogradInput: WinogradKernels.Input
    /// `InstructionSet.winogradOutput`.
    public let winogradOutput: WinogradKernels.Output
    /// `StorageInstructionSet.weightedSumOfBFloats`.
    public let weightedSum: MapKernels.WeightedSum

    /// Specialises the kernels for `isa`.
    @inlinable @inline(__always)
    public init<ISA: StorageInstructionSet>(_ isa: ISA.Type, dots: Dots) {
      self.dots = dots
      weightedSum = { ISA.weightedSumOfBFloats($0) }
      winogradInput = {
        ISA.winogradInput($0) {
          ISA.loadBFloats($0 + 2 &* $1)
        } write: {
          ISA.storeBFloats($0, $1 + 2 &* $2)
        }
      }
      winogradOutput = {
        ISA.winogradOutput($0.pointee) {
          ISA.loadBFloats($0 + 2 &* $1)
        } write: {
          ISA.storeBFloats($0, $1 + 2 &* $2)
        }
      }
    }
  }

  /// Floats in a vector.
  public let lanes: Int
  /// The number of bytes of which max pooling takes the largest at once.
  public let byteLanes: Int
  /// The int8 dot-product tiles.
  public let bytes: Dots
  /// The kernels for bfloat16, or nil where the CPU does not multiply it.
  public let bfloats: BFloats?
  /// Max pooling of maps of bytes or bfloat16.
  public let maximumPool: @Sendable (MaximumPoolOperands, MapFormat.Kind) -> Void
  /// Conversion from one format to another.
  public let convert: @Sendable (ConversionOperands) -> Void

  /// Specialises the kernels for `isa`.
  @inlinable @inline(__always)
  public init<ISA: StorageInstructionSet>(_ isa: ISA.Type, bytes: Dots, bfloats: BFloats?) {
    lanes = ISA.lanes
    byteLanes = ISA.byteLanes
    self.bytes = bytes
    self.bfloats = bfloats
    maximumPool = { ISA.maximumPool($0, $1) }
    convert = { ISA.convert($0) }
  }
}
