import Kernels

/// The 3×3 convolution of stride 2 by minimal filtering of its four phases (`Kernels/StridedWinograd.swift`): 81
/// products instead of 144 multiplications for a tile of 4×4 outputs.
///
/// Products of one filter are rows of one matrix product: 25 filters have one product each, ten have four, and the
/// kernel's middle has sixteen.
struct StridedWinogradConvolution: ConvolutionAlgorithm {
  private let configuration: Convolution.Configuration
  private let packed: PackedWeights

  init(_ layer: ConvolutionLayer) {
    configuration = layer.configuration
    packed = PackedWeights(layer, .strided)
  }

  var name: String { "Winograd" }

  func callAsFunction(
    _ input: TensorView, into output: TensorView, adding residual: TensorView?, _ workspace: Workspace
  ) {
    let grid = WinogradGrid(output.shape)
    let (panels, inputs, kernels) = (packed.panels, configuration.inputChannels, workspace.kernels)
    let blocks = ConvolutionBlocks.stridedWinograd(
      tiles: grid.count, panels: panels.count, threads: workspace.engine.threads)
    workspace.arena.scope {
      let scratches = workspace.perWorker {
        StridedWinogradScratch(
          tiles: blocks.size, channels: inputs, panel: panels.widest * kernels.lanes,
          tallestTile: kernels.tileSizes.maximumRows, workspace)
      }
      workspace.parallel(blocks.count * blocks.groups) { worker, unit in
        let scratch = scratches[worker]
        let first = unit % blocks.count * blocks.size
        let count = min(blocks.size, grid.count - first)
        scratch.fillTaps(inputs)
        scratch.fillOffsets(tiles: count, stride: inputs)
        for tile in 0..<count {
          grid[first + tile].fillTaps(
            scratch.pixels, configuration.window, input, rows: 9, columns: 9, rowStride: 9, outside: packed.zeros)
          kernels.winograd.stridedInput(
            scratch.pixels, inputs, scratch.operands + tile * inputs, scratch.offsets)
        }
        for panel in panels[blocks.panels(unit / blocks.count, of: panels.count)] {
          multiply(panel, scratch, count, kernels)
          scratch.fillOffsets(tiles: count, stride: panel.channels)
          for tile in 0..<count {
            var target = WinogradOutput(
              configuration, panel, packed.bias(panel), scratch.products + tile * panel.channels, productStride: 0,
              grid[first + tile], output, residual)
            kernels.winograd.stridedOutput(&target, scratch.offsets)
          }
        }
      }
    }
  }

  /// Computes the products of one panel, filter by filter.
  private func multiply(
    _ panel: Panel, _ scratch: StridedWinogradScratch, _ count: Int, _ kernels: KernelTable
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
}

/// A worker's scratch memory for one block.
private struct StridedWinogradScratch: BitwiseCopyable, @unchecked Sendable {
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

  init(tiles: Int, channels: Int, panel: Int, tallestTile: Int, _ workspace: Workspace) {
    rows = 81 * tiles + tallestTile - 1  // the last register tile may begin at the last row
    pixels = TapGeometry.table(81, workspace)
    operands = workspace.arena.tensor(Shape(height: 1, width: rows, channels: channels)).base
    products = workspace.arena.tensor(Shape(height: 1, width: rows, channels: panel)).base
    taps = TapGeometry.table(rows, workspace)
    offsets = workspace.arena.allocate(Int.self, 81)
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
