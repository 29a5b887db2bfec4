import Kernels

/// The direct sum on maps of bytes or bfloat16, with dot-product instructions.
struct DotConvolution: ConvolutionAlgorithm {
  private let configuration: Convolution.Configuration
  private let packed: PackedDots
  let name: String

  init(_ layer: ConvolutionLayer) {
    let kernels = layer.engine.reducedPrecision
    configuration = layer.configuration
    packed = PackedDots(layer, kernels.dots(for: layer.format), lanes: kernels.lanes)
    name = layer.format.kind == .byte ? "int8 dot product" : "bfloat16 dot product"
  }

  func callAsFunction(
    _ input: TensorView, into output: TensorView, adding residual: TensorView?, _ workspace: Workspace
  ) {
    let geometry = TapGeometry(configuration.window, input, output, mergesRows: packed.mergesRows)
    let kernels = workspace.reducedPrecision.dots(for: input.format)
    let lanes = workspace.reducedPrecision.lanes
    let directSum = DirectSum(
      geometry, panels: packed.panels, outside: packed.zeros, tileSizes: kernels.tileSizes,
      lanes: lanes)
    directSum.run(output, workspace) { scratch, panel, first, count in
      guard let tile = kernels.tiles[panel.columns - 1] else { return assertionFailure("panels fit the tiles") }
      run(tile, panel, scratch, geometry, first: first, count: count, output, residual, lanes)
    }
  }

  private func run(
    _ tile: DotTileKernel, _ panel: Panel, _ scratch: TileScratch, _ geometry: TapGeometry, first: Int, count: Int,
    _ output: TensorView, _ residual: TensorView?, _ lanes: Int
  ) {
    let target = output.slice(first, panel.channel)
    let source = residual?.slice(first, panel.channel)
    let operands = DotOperands(
      taps: UnsafePointer(scratch.taps), tapStride: scratch.tapStride, positions: geometry.positions,
      depth: packed.depth, weights: packed.weights(panel), bias: packed.bias(panel), scales: packed.scales(panel),
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
