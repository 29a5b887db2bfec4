import Kernels

/// The loop of a direct sum: fills the taps of every block of output pixels and calls a body for each panel of output
/// channels.
struct DirectSum: Sendable {
  private let geometry: TapGeometry
  private let panels: [Panel]
  /// What a tap outside of the input reads.
  private let outside: Outside
  private let tileSizes: TileSizes
  private let lanes: Int

  private struct Outside: @unchecked Sendable { let address: UnsafeRawPointer }

  /// - Parameters:
  ///   - tileSizes: The sizes of the register tiles.
  ///   - lanes: Floats in a vector.
  init(
    _ geometry: TapGeometry, panels: [Panel], outside: UnsafeRawPointer, tileSizes: TileSizes, lanes: Int
  ) {
    self.geometry = geometry
    self.panels = panels
    self.outside = Outside(address: outside)
    self.tileSizes = tileSizes
    self.lanes = lanes
  }

  /// Calls `body` for each block and panel, on all threads.
  func run(
    _ output: TensorView, _ workspace: Workspace,
    _ body: @Sendable (_ scratch: TileScratch, _ panel: Panel, _ first: Int, _ count: Int) -> Void
  ) {
    let pixels = output.shape.pixels
    let blocks = ConvolutionBlocks.directSum(
      pixels: pixels, inputBytes: geometry.positions * geometry.depth * geometry.elementBytes, panels: panels.count,
      unit: tileSizes.rowMultiple, threads: workspace.engine.threads)
    workspace.arena.scope {
      let scratches = workspace.perWorker {
        TileScratch(
          positions: geometry.positions, block: blocks.size, tallestTile: tileSizes.maximumRows,
          width: panels.widest * lanes, workspace)
      }
      workspace.parallel(blocks.count * blocks.groups) { worker, unit in
        let first = unit % blocks.count * blocks.size
        let count = min(blocks.size, pixels - first)
        let scratch = scratches[worker]
        geometry.fill(scratch.taps, stride: scratch.tapStride, from: first, count: count, outside: outside.address)
        for panel in panels[blocks.panels(unit / blocks.count, of: panels.count)] { body(scratch, panel, first, count) }
      }
    }
  }
}
