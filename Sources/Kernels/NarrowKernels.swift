/// The kernels of one level on maps of bytes and, where the CPU multiplies them, of bfloat16.
public final class NarrowKernels: Sendable {
  /// Tiles by their columns less one, without gaps, and what their weights look like.
  public struct Dots: Sendable {
    /// The register tiles.
    public let tiles: InlineArray<4, KernelTable.DotTileKernel?>
    /// Bytes that the weights of one input word and one output channel take.
    public let weightBytes: Int

    /// Makes an entry for the tiles of one instruction.
    @inlinable @inline(__always)
    public init<Dot: DotInstruction>(_ dot: Dot.Type, tiles: InlineArray<4, KernelTable.DotTileKernel?>) {
      self.tiles = tiles
      weightBytes = Dot.weightBytes
    }

    /// Columns of the widest tile.
    @inlinable
    public var maximumColumns: Int {
      var columns = 0
      while columns < 4, tiles[columns] != nil { columns += 1 }
      return columns
    }
  }

  /// The kernels on maps of bfloat16. A class, since an optional struct of this size is set by a weak function.
  public final class BFloats: Sendable {
    /// The register tiles.
    public let dots: Dots
    /// `InstructionSet.winogradInput`, to bfloat16.
    public let winogradInput: KernelTable.WinogradInput
    /// `InstructionSet.winogradOutput`.
    public let winogradOutput: KernelTable.WinogradTransform
    /// `StorageInstructionSet.weightedSumOfBFloats`.
    public let weightedSum: KernelTable.WeightedSum

    /// Specialises the kernels for `isa`.
    @inlinable @inline(__always)
    public init<ISA: StorageInstructionSet>(_ isa: ISA.Type, dots: Dots) {
      self.dots = dots
      weightedSum = { ISA.weightedSumOfBFloats($0, $1, $2, $3, $4) }
      winogradInput = {
        ISA.winogradInput($0, $1, $2, $3, $4, $5) {
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

  /// `StorageInstructionSet.maximumPool`.
  public typealias MaximumPool =
    @Sendable (UnsafePointer<UnsafeRawPointer>, Int, Int, Int, UnsafeMutableRawPointer, Int, Int, MapFormat.Kind) ->
    Void
  /// `StorageInstructionSet.convert`.
  public typealias Convert =
    @Sendable (UnsafeRawPointer, MapFormat, UnsafeMutableRawPointer, MapFormat, Int) -> Void

  /// Floats in a vector.
  public let lanes: Int
  /// Products of bytes.
  public let bytes: Dots
  /// What works on bfloat16, where the CPU multiplies it.
  public let bfloats: BFloats?
  /// Max pooling of narrow maps.
  public let maximumPool: MaximumPool
  /// One format into another.
  public let convert: Convert

  /// Specialises the kernels for `isa`.
  @inlinable @inline(__always)
  public init<ISA: StorageInstructionSet>(_ isa: ISA.Type, bytes: Dots, bfloats: BFloats?) {
    lanes = ISA.lanes
    self.bytes = bytes
    self.bfloats = bfloats
    maximumPool = { ISA.maximumPool($0, $1, $2, $3, $4, $5, $6, $7) }
    convert = { ISA.convert($0, $1, $2, $3, $4) }
  }
}
