/// The kernels of one level, as plain functions: chosen once, called without asking the CPU again.
public struct KernelTable: Sendable {
  /// One register tile.
  public struct TileKernel: Sendable {
    /// Output pixels a tile.
    public let rows: Int
    /// Vectors of output channels a tile.
    public let columns: Int
    /// Computes that many consecutive tiles.
    public let run: @Sendable (_ operands: UnsafePointer<TileOperands>, _ count: Int) -> Void

    @inlinable
    public init(rows: Int, columns: Int, run: @escaping @Sendable (UnsafePointer<TileOperands>, Int) -> Void) {
      self.rows = rows
      self.columns = columns
      self.run = run
    }
  }

  public let level: Level
  /// Floats in a vector.
  public let lanes: Int
  /// The tiles by their columns less one, widest last.
  public let tiles: InlineArray<4, TileKernel>
  /// Columns of the widest tile.
  public let maximumColumns: Int

  @inlinable
  public init<ISA: InstructionSet>(_ level: Level, _ isa: ISA.Type, tiles: InlineArray<4, TileKernel>, maximumColumns: Int) {
    self.level = level
    self.lanes = ISA.lanes
    self.tiles = tiles
    self.maximumColumns = maximumColumns
  }
}

extension Tile {
  /// This tile as an entry of a table.
  @inlinable @inline(__always)
  public static var kernel: KernelTable.TileKernel {
    .init(rows: rows, columns: columns) { operands, count in run(operands.pointee, count: count) }
  }
}
