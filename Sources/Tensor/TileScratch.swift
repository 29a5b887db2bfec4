/// A tile of which only some pixels and channels exist.
struct TilePart {
  /// The first pixel, from the block's start.
  let pixel: Int
  /// Pixels that exist.
  let rows: Int
  /// Pixels of the tile.
  let tileRows: Int
  /// Channels that exist.
  let channels: Int
  /// Channels of the tile.
  let width: Int
}

/// A worker's table of taps, and a place for the tiles that reach beyond the output.
struct TileScratch {
  let taps: TapGeometry.Taps
  let tapStride: Int
  private let output: UnsafeMutableRawPointer
  private let residual: UnsafeMutableRawPointer
  private let positions: Int

  /// Rows of the tallest tile, which may read beyond the block's last pixel.
  private static let slack = 16

  init(positions: Int, block: Int, _ workspace: Workspace) {
    self.positions = positions
    tapStride = block + Self.slack
    taps = TapGeometry.table(positions * tapStride, workspace)
    let lanes = max(workspace.kernels.lanes, workspace.narrow.lanes)
    let bytes = Self.slack * 4 * lanes * MemoryLayout<Float>.stride
    output = workspace.arena.allocate(byteCount: bytes)
    residual = workspace.arena.allocate(byteCount: bytes)
    residual.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
  }

  /// Runs tiles over `count` pixels: whole ones in place, then one by one those that reach beyond the pixels or channels.
  ///
  /// - Parameters:
  ///   - tileRows: Pixels of a tile.
  ///   - width: Channels of a tile, of which `channels` exist.
  ///   - target: The block's first pixel.
  ///   - source: The residual of the block's first pixel.
  ///   - whole: Runs that many tiles from the first pixel on.
  ///   - partial: Runs one tile on copies; see `run(_:output:residual:_:)`.
  func run(
    count: Int, tileRows: Int, channels: Int, width: Int, output target: TensorSlice, residual source: TensorSlice?,
    whole: (Int) -> Void,
    partial: (UnsafePointer<UnsafeRawPointer>, UnsafeRawPointer?, UnsafeMutableRawPointer) -> Void
  ) {
    let wholeTiles = channels == width ? count / tileRows : 0
    if wholeTiles > 0 { whole(wholeTiles) }
    var done = wholeTiles * tileRows
    while done < count {
      let part = TilePart(
        pixel: done, rows: min(tileRows, count - done), tileRows: tileRows, channels: channels, width: width)
      run(part, output: target, residual: source, partial)
      done += part.rows
    }
  }

  /// Runs one tile on copies of `width` channels a pixel, and copies back what exists of it.
  ///
  /// - Parameters:
  ///   - part: Where the tile lies, and what of it exists.
  ///   - target: The block's first pixel.
  ///   - source: The residual of the block's first pixel.
  ///   - tile: Gets the taps, the copy of the residual, and a place for the result.
  func run(
    _ part: TilePart, output target: TensorSlice, residual source: TensorSlice?,
    _ tile: (UnsafePointer<UnsafeRawPointer>, UnsafeRawPointer?, UnsafeMutableRawPointer) -> Void
  ) {
    for position in 0..<positions where part.rows < part.tileRows {
      let row = taps + position * tapStride + part.pixel
      for missing in part.rows..<part.tileRows { row[missing] = row[part.rows - 1] }
    }
    if let source {
      for row in 0..<part.rows {
        (residual + row * part.width * source.byteCount).copyMemory(
          from: source.address(part.pixel + row), byteCount: part.channels * source.byteCount)
      }
    }
    tile(UnsafePointer(taps + part.pixel), source == nil ? nil : UnsafeRawPointer(residual), output)
    for row in 0..<part.rows {
      target.address(part.pixel + row).copyMemory(
        from: output + row * part.width * target.byteCount, byteCount: part.channels * target.byteCount)
    }
  }
}

/// Pixels of a view from one pixel and channel on.
struct TensorSlice {
  let start: UnsafeMutableRawPointer
  let pixelBytes: Int
  let byteCount: Int

  func address(_ pixel: Int) -> UnsafeMutableRawPointer { start + pixel * pixelBytes }
}

extension TensorView {
  /// What begins with that pixel and channel.
  func slice(_ pixel: Int, _ channel: Int) -> TensorSlice {
    TensorSlice(
      start: address(pixel) + channel * format.byteCount, pixelBytes: pixelStride * format.byteCount,
      byteCount: format.byteCount)
  }
}
