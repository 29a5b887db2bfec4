/// A register tile of a matrix product, compiled for one instruction-set level.
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

  /// The tiles of a level, indexed by their number of columns minus one; all up to the widest are present.
  public typealias List = InlineArray<4, TileKernel?>
}

/// A register tile of dot products, compiled for one instruction-set level.
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

  /// The tiles of a level, indexed by their number of columns minus one; all up to the widest are present.
  public typealias List = InlineArray<4, DotTileKernel?>
}

/// The sizes of a level's register tiles, from which blocks and margins are derived.
public struct TileSizes: Sendable, Hashable {
  /// Columns of the widest tile, in vectors of output channels.
  public let maximumColumns: Int
  /// Rows of the tallest tile.
  public let maximumRows: Int
  /// The least common multiple of the tiles' rows.
  public let rowMultiple: Int

  /// Reads the sizes of tiles given by their rows, where nil ends the list.
  @inlinable
  public init(rows: (Int) -> Int?) {
    var (columns, tallest, multiple) = (0, 1, 1)
    while columns < 4, let rows = rows(columns) {
      columns += 1
      tallest = max(tallest, rows)
      var common = multiple
      while common % rows != 0 { common += multiple }
      multiple = common
    }
    maximumColumns = columns
    maximumRows = tallest
    rowMultiple = multiple
  }
}

extension Tile {
  /// This tile as an entry of a table.
  @inlinable @inline(__always)
  public static var kernel: TileKernel {
    .init(rows: rows, columns: columns) { operands, count in run(operands.pointee, count: count) }
  }
}

extension DotTile {
  /// This tile as an entry of a table.
  @inlinable @inline(__always)
  public static var kernel: DotTileKernel {
    .init(rows: rows, columns: columns) { operands, count in run(operands.pointee, count: count) }
  }
}
