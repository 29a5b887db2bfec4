import Kernels

/// The 3×3 convolution of stride 2 by minimal filtering of its four phases (`Kernels/StridedWinograd.swift`): 81
/// products instead of 144 multiplications for a tile of 4×4 outputs.
///
/// Products of one filter are rows of one matrix product: 25 filters have one product each, ten have four, and the
/// kernel's middle has sixteen.
extension Convolution {
  func stridedWinogradConvolution(
    _ input: TensorView, into output: TensorView, adding residual: TensorView?, _ workspace: Workspace
  ) {
    let grid = WinogradGrid(output.shape)
    let panels = packed.panels
    let (block, groups) = stridedWinogradBlock(grid, workspace)
    let blocks = (grid.count + block - 1) / block
    workspace.arena.scope {
      let widest = packed.widest * workspace.kernels.lanes
      let scratches = workspace.perWorker {
        StridedWinogradScratch(tiles: block, channels: configuration.inputChannels, panel: widest, workspace)
      }
      workspace.parallel(blocks * groups) { worker, unit in
        let scratch = scratches[worker]
        let first = unit % blocks * block
        let count = min(block, grid.count - first)
        scratch.fillTaps(configuration.inputChannels)
        scratch.fillOffsets(tiles: count, stride: configuration.inputChannels)
        for tile in 0..<count {
          fillTaps(scratch.pixels, grid[first + tile], input, rows: 9, columns: 9, rowStride: 9)
          workspace.kernels.stridedWinogradInput(
            scratch.pixels, configuration.inputChannels, scratch.operands + tile * configuration.inputChannels,
            scratch.offsets)
        }
        let group = unit / blocks
        for panel in panels[panels.count * group / groups..<panels.count * (group + 1) / groups] {
          multiply(panel, scratch, count, workspace.kernels)
          scratch.fillOffsets(tiles: count, stride: panel.channels)
          for tile in 0..<count {
            var target = winogradOutput(
              panel, scratch.products + tile * panel.channels, productStride: 0, grid[first + tile], output, residual)
            workspace.kernels.stridedWinogradOutput(&target, scratch.offsets)
          }
        }
      }
    }
  }

  /// Computes the products of one panel, filter by filter.
  private func multiply(
    _ panel: PackedWeights.Panel, _ scratch: StridedWinogradScratch, _ count: Int, _ kernels: KernelTable
  ) {
    guard let tile = kernels.tiles[panel.columns - 1] else { return assertionFailure("panels fit the tiles") }
    let inputs = configuration.inputChannels
    var row = 0
    for filter in 0..<36 {
      // In each direction the middle tap meets four pixels.
      let rows = (filter / 6 == 5 ? 4 : 1) * (filter % 6 == 5 ? 4 : 1) * count
      var operands = TileOperands(
        taps: scratch.taps + row, tapStride: 0, positions: 1, depth: inputs,
        weights: packed.weights(panel) + filter * inputs * panel.channels, bias: packed.zeros,
        activation: .none, residual: nil, residualStride: 0, addsBeforeActivation: false,
        output: scratch.products + row * panel.channels, outputStride: panel.channels)
      // Rows beyond the filter's own are overwritten by the next filter's.
      tile.run(&operands, (rows + tile.rows - 1) / tile.rows)
      row += rows
    }
  }

  /// The number of tiles per block, and the number of groups that the panels are divided into.
  ///
  /// Twelve tiles fill two to sixteen register tiles of each filter, and small blocks measured fastest on large maps. A
  /// small map is one block, so that its weights are read only once.
  private func stridedWinogradBlock(_ grid: WinogradGrid, _ workspace: Workspace) -> (tiles: Int, groups: Int) {
    let tiles = grid.count <= 36 ? grid.count : 12
    let blocks = (grid.count + tiles - 1) / tiles
    let threads = workspace.engine.threads
    return (tiles, blocks < threads ? min(packed.panels.count, threads) : 1)
  }
}

/// A worker's scratch memory for one block.
private struct StridedWinogradScratch {
  let pixels: TapGeometry.Taps
  /// `[products][channels]`, ordered by filter, then by product of the filter, then by tile.
  let operands: UnsafeMutablePointer<Float>
  /// One pointer to each row of `operands`.
  let taps: TapGeometry.Taps
  /// `[products][panel]`.
  let products: UnsafeMutablePointer<Float>
  /// The offset of each of the first tile's 9×9 products.
  let offsets: UnsafeMutablePointer<Int>
  private let rows: Int

  init(tiles: Int, channels: Int, panel: Int, _ workspace: Workspace) {
    rows = 81 * tiles + 12  // the last register tile may reach beyond
    pixels = TapGeometry.table(81, workspace)
    operands = workspace.arena.tensor(Shape(height: 1, width: rows, channels: channels)).base
    products = workspace.arena.tensor(Shape(height: 1, width: rows, channels: panel)).base
    taps = TapGeometry.table(rows, workspace)
    offsets = workspace.arena.allocate(byteCount: 81 * MemoryLayout<Int>.stride).bindMemory(to: Int.self, capacity: 81)
  }

  /// Points `taps` at the rows of `operands`.
  func fillTaps(_ channels: Int) {
    for row in 0..<rows { taps[row] = UnsafeRawPointer(operands + row * channels) }
  }

  /// Computes the offsets for the given number of tiles, with `stride` floats per row.
  func fillOffsets(tiles: Int, stride: Int) {
    var row = 0
    for y in 0..<6 {
      for x in 0..<6 {
        for innerY in 0..<(y == 5 ? 4 : 1) {
          for innerX in 0..<(x == 5 ? 4 : 1) {
            offsets[9 * (y + innerY) + x + innerX] = row * stride
            row += tiles
          }
        }
      }
    }
  }
}
