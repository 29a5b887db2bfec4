import Kernels

/// The direct sum on maps of bytes or bfloat16, with dot-product instructions.
extension Convolution {
  func dotConvolution(
    _ dots: PackedDots, _ input: TensorView, into output: TensorView, adding residual: TensorView?,
    _ workspace: Workspace
  ) {
    let geometry = TapGeometry(configuration, input, output, mergesRows: dots.mergesRows)
    let kernels = workspace.reducedPrecision.dots(for: input.format)
    forEachBlock(geometry, dots.panels, dots.zeros, output, workspace) { scratch, panel, first, count in
      guard let tile = kernels.tiles[panel.columns - 1] else { return assertionFailure("panels fit the tiles") }
      run(tile, dots, panel, scratch, geometry, first, count, output, residual, workspace.reducedPrecision.lanes)
    }
  }

  private func run(
    _ tile: KernelTable.DotTileKernel, _ dots: PackedDots, _ panel: PackedWeights.Panel, _ scratch: TileScratch,
    _ geometry: TapGeometry, _ first: Int, _ count: Int, _ output: TensorView, _ residual: TensorView?, _ lanes: Int
  ) {
    let target = output.slice(first, panel.channel)
    let source = residual?.slice(first, panel.channel)
    let operands = DotOperands(
      taps: UnsafePointer(scratch.taps), tapStride: scratch.tapStride, positions: geometry.positions,
      depth: dots.depth, weights: dots.weights(panel), bias: dots.bias(panel), scales: dots.scales(panel),
      activation: configuration.activation, residual: source.map { UnsafeRawPointer($0.start) },
      residualStride: residual?.pixelStride ?? 0, residualFormat: residual?.format ?? output.format,
      addsBeforeActivation: configuration.addsBeforeActivation, output: target.start,
      outputStride: output.pixelStride, outputFormat: output.format)
    let width = panel.columns * lanes
    scratch.run(
      count: count, tileRows: tile.rows, channels: panel.channels, width: width, output: target, residual: source
    ) { tiles in
      var whole = operands
      tile.run(&whole, tiles)
    } partial: { taps, residual, output in
      var partial = operands
      partial.taps = taps
      partial.residual = residual
      partial.residualStride = width
      partial.output = output
      partial.outputStride = width
      tile.run(&partial, 1)
    }
  }
}
