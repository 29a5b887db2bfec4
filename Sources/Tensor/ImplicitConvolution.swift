import Kernels

/// The direct sum as a matrix product without a copy of the input: the tiles read it through a table of pointers, one
/// for each kernel position and output pixel of a block.
extension Convolution {
  func implicitConvolution(
    _ input: TensorView, into output: TensorView, adding residual: TensorView?, _ workspace: Workspace
  ) {
    let geometry = TapGeometry(configuration, input, output)
    forEachBlock(geometry, packed.panels, packed.zeros, output, workspace) { scratch, panel, first, count in
      run(panel, scratch, geometry, first: first, count: count, output, residual, workspace.kernels)
    }
  }

  /// Fills the taps of every block of output pixels and calls `body` for each panel, in parallel.
  func forEachBlock(
    _ geometry: TapGeometry, _ panels: [PackedWeights.Panel], _ outside: UnsafeRawPointer, _ output: TensorView,
    _ workspace: Workspace,
    _ body: (_ scratch: TileScratch, _ panel: PackedWeights.Panel, _ first: Int, _ count: Int) -> Void
  ) {
    let pixels = output.shape.pixels
    let block = blockSize(pixels: pixels, geometry, workspace)
    let blocks = (pixels + block - 1) / block
    // Too few blocks for the threads: they share the panels of a block, and each core reads its own part of the
    // weights.
    let groups = blocks >= 4 * workspace.engine.threads ? 1 : panels.count
    workspace.arena.scope {
      let scratches = workspace.perWorker {
        TileScratch(positions: geometry.positions, block: block, workspace)
      }
      workspace.parallel(blocks * groups) { worker, unit in
        let first = unit % blocks * block
        let count = min(block, pixels - first)
        let scratch = scratches[worker]
        geometry.fill(scratch.taps, stride: scratch.tapStride, from: first, count: count, outside: outside)
        for panel in groups == 1 ? panels[...] : panels[unit / blocks...unit / blocks] {
          body(scratch, panel, first, count)
        }
      }
    }
  }

  private func run(
    _ panel: PackedWeights.Panel, _ scratch: TileScratch, _ geometry: TapGeometry, first: Int, count: Int,
    _ output: TensorView, _ residual: TensorView?, _ kernels: KernelTable
  ) {
    guard let tile = kernels.tiles[panel.columns - 1] else { return assertionFailure("panels fit the tiles") }
    let operands = TileOperands(
      taps: UnsafePointer(scratch.taps), tapStride: scratch.tapStride, positions: geometry.positions,
      depth: geometry.depth, weights: packed.weights(panel), bias: packed.bias(panel),
      activation: configuration.activation,
      residual: residual.map { UnsafePointer($0.pixel(first) + panel.channel) },
      residualStride: residual?.pixelStride ?? 0, addsBeforeActivation: configuration.addsBeforeActivation,
      output: output.pixel(first) + panel.channel, outputStride: output.pixelStride)
    let width = panel.columns * kernels.lanes
    scratch.run(
      count: count, tileRows: tile.rows, channels: panel.channels, width: width,
      output: output.slice(first, panel.channel), residual: residual?.slice(first, panel.channel)
    ) { tiles in
      var whole = operands
      tile.run(&whole, tiles)
    } partial: { taps, residual, output in
      var partial = operands
      partial.taps = taps
      partial.residual = residual?.assumingMemoryBound(to: Float.self)
      partial.residualStride = width
      partial.output = output.assumingMemoryBound(to: Float.self)
      partial.outputStride = width
      tile.run(&partial, 1)
    }
  }

  /// The number of output pixels per block. Their input should stay in the second-level cache for all panels, and each
  /// thread should get equally many blocks.
  private func blockSize(pixels: Int, _ geometry: TapGeometry, _ workspace: Workspace) -> Int {
    let unit = 24  // a multiple of every tile's rows
    let bytes = geometry.positions * geometry.depth * geometry.elementBytes
    let fitting = max(2, min(10, (512 << 10) / max(bytes, 1) / unit))
    let units = (pixels + unit - 1) / unit
    let share = (units + workspace.engine.threads - 1) / workspace.engine.threads
    return unit * min(fitting, share)
  }
}
