/// A tile that lies only partly inside the output.
struct TilePart {
  /// The tile's first pixel, counted from the block's start.
  let pixel: Int
  /// Pixels of the tile inside the output.
  let rows: Int
  /// All pixels of the tile.
  let tileRows: Int
  /// Channels of the tile inside the output.
  let channels: Int
  /// All channels of the tile.
  let width: Int
}

/// A worker's table of taps, and scratch memory for tiles that reach beyond the output.
struct TileScratch: BitwiseCopyable, @unchecked Sendable {
  let taps: TapGeometry.Taps
  let tapStride: Int
  private let output: UnsafeMutableRawPointer
  private let residual: UnsafeMutableRawPointer
  private let positions: Int

  /// - Parameters:
  ///   - positions: Kernel positions.
  ///   - block: Output pixels in a block.
  ///   - tallestTile: The rows of the tallest register tile.
  ///   - width: Channels of the widest panel, with its padding.
  init(positions: Int, block: Int, tallestTile: Int, width: Int, _ workspace: Workspace) {
    self.positions = positions
    // A tile may begin at the block's last pixel.
    tapStride = block + tallestTile - 1
    taps = TapGeometry.table(positions * tapStride, workspace)
    let bytes = tallestTile * width * MemoryLayout<Float>.stride
    output = workspace.arena.allocate(byteCount: bytes)
    residual = workspace.arena.allocate(byteCount: bytes)
    residual.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
  }

  /// Runs tiles over `count` pixels: whole tiles in place, then, one by one, those that reach beyond the pixels or
  /// channels.
  ///
  /// - Parameters:
  ///   - tileRows: Pixels per tile.
  ///   - width: Channels per tile, of which `channels` lie inside the output.
  ///   - target: The output from the block's first pixel on.
  ///   - source: The residual from the block's first pixel on.
  ///   - whole: Runs the given number of tiles from the first pixel on.
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

  /// Runs one tile on copies of `width` channels per pixel, and copies back the part inside the output.
  ///
  /// - Parameters:
  ///   - part: The tile, and its part inside the output.
  ///   - target: The output from the block's first pixel on.
  ///   - source: The residual from the block's first pixel on.
  ///   - tile: Computes the tile, given the taps, the copy of the residual, and memory for the result.
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

/// The part of a view that starts at a given pixel and channel.
struct TensorSlice {
  let start: UnsafeMutableRawPointer
  let pixelBytes: Int
  let byteCount: Int

  func address(_ pixel: Int) -> UnsafeMutableRawPointer { start + pixel * pixelBytes }
}

extension TensorView {
  /// The part of the view from the given pixel and channel on.
  func slice(_ pixel: Int, _ channel: Int) -> TensorSlice {
    TensorSlice(
      start: address(pixel) + channel * format.byteCount, pixelBytes: pixelStride * format.byteCount,
      byteCount: format.byteCount)
  }
}
