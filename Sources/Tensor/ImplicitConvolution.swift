import Kernels

/// The convolution without a copy of the input: a table of pointers, one for each kernel position and output pixel of
/// a block, feeds the tiles.
extension Convolution {
  func implicitConvolution(
    _ input: TensorView, into output: TensorView, adding residual: TensorView?, _ workspace: Workspace
  ) {
    let geometry = TapGeometry(configuration, input, output)
    let pixels = output.shape.pixels
    let block = blockSize(pixels: pixels, geometry, workspace)
    let blocks = (pixels + block - 1) / block
    // Few blocks: the panels of a block are shared out too, and each core reads its own part of the weights.
    let groups = blocks >= 4 * workspace.engine.threads ? 1 : packed.panels.count
    workspace.arena.scope {
      let scratches = (0..<workspace.engine.threads).map { _ in
        TileScratch(positions: geometry.positions, block: block, workspace)
      }
      workspace.parallel(blocks * groups) { worker, unit in
        let first = unit % blocks * block
        let count = min(block, pixels - first)
        let scratch = scratches[worker]
        geometry.fill(scratch.taps, stride: scratch.tapStride, from: first, count: count, outside: packed.zeros)
        let panels = groups == 1 ? packed.panels[...] : packed.panels[unit / blocks...unit / blocks]
        for panel in panels {
          run(panel, scratch, geometry, first: first, count: count, output, residual, workspace.kernels)
        }
      }
    }
  }

  private func run(
    _ panel: PackedWeights.Panel, _ scratch: TileScratch, _ geometry: TapGeometry, first: Int, count: Int,
    _ output: TensorView, _ residual: TensorView?, _ kernels: KernelTable
  ) {
    guard let tile = kernels.tiles[panel.columns - 1] else { return assertionFailure("panels fit the tiles") }
    var operands = TileOperands(
      taps: UnsafePointer(scratch.taps), tapStride: scratch.tapStride, positions: geometry.positions,
      depth: geometry.depth, weights: packed.weights(panel), bias: packed.bias(panel),
      activation: configuration.activation,
      residual: residual.map { UnsafePointer($0.pixel(first) + panel.channel) },
      residualStride: residual?.pixelStride ?? 0, addsBeforeActivation: configuration.addsBeforeActivation,
      output: output.pixel(first) + panel.channel, outputStride: output.pixelStride)
    let isWhole = panel.channels == panel.columns * kernels.lanes
    let wholeTiles = isWhole ? count / tile.rows : 0
    if wholeTiles > 0 { tile.run(&operands, wholeTiles) }
    var done = wholeTiles * tile.rows
    while done < count {
      let rows = min(tile.rows, count - done)
      scratch.run(
        tile, operands, pixel: done, rows: rows, channels: panel.channels, width: panel.columns * kernels.lanes)
      done += rows
    }
  }

  /// Output pixels a block: their input should stay in the second-level cache while the panels pass by, and the
  /// blocks should share out evenly.
  private func blockSize(pixels: Int, _ geometry: TapGeometry, _ workspace: Workspace) -> Int {
    let unit = 24  // a multiple of every tile's rows
    let bytes = geometry.positions * geometry.depth * MemoryLayout<Float>.stride
    let fitting = max(2, min(10, (512 << 10) / max(bytes, 1) / unit))
    let units = (pixels + unit - 1) / unit
    let share = (units + workspace.engine.threads - 1) / workspace.engine.threads
    return unit * min(fitting, share)
  }
}

/// A worker's table of taps, and a place for the tiles that reach beyond the output.
struct TileScratch {
  let taps: TapGeometry.Taps
  let tapStride: Int
  private let output: UnsafeMutablePointer<Float>
  private let residual: UnsafeMutablePointer<Float>
  private let positions: Int

  /// Rows of the tallest tile, which may read beyond the block's last pixel.
  private static let slack = 12

  init(positions: Int, block: Int, _ workspace: Workspace) {
    self.positions = positions
    tapStride = block + Self.slack
    taps = TapGeometry.table(positions * tapStride, workspace)
    let size = Self.slack * 4 * workspace.kernels.lanes
    output = workspace.arena.tensor(Shape(height: 1, width: 1, channels: size)).base
    residual = workspace.arena.tensor(Shape(height: 1, width: 1, channels: size)).base
    residual.initialize(repeating: 0, count: size)
  }

  /// Runs one tile of which only `rows` pixels and `channels` channels exist.
  func run(
    _ tile: KernelTable.TileKernel, _ operands: TileOperands, pixel: Int, rows: Int, channels: Int, width: Int
  ) {
    var partial = operands
    partial.taps += pixel
    if rows < tile.rows {
      for position in 0..<positions {
        let row = taps + position * tapStride + pixel
        for missing in rows..<tile.rows { row[missing] = row[rows - 1] }
      }
    }
    if let source = operands.residual {
      for row in 0..<rows {
        (residual + row * width).update(
          from: source + (pixel + row) * operands.residualStride, count: channels)
      }
      partial.residual = UnsafePointer(residual)
      partial.residualStride = width
    }
    partial.output = output
    partial.outputStride = width
    tile.run(&partial, 1)
    for row in 0..<rows {
      (operands.output + (pixel + row) * operands.outputStride).update(from: output + row * width, count: channels)
    }
  }
}
