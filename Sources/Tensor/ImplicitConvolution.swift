import Kernels

/// The direct sum as a matrix product without a copy of the input: the tiles read it through a table of pointers, one
/// for each kernel position and output pixel of a block.
struct ImplicitConvolution: ConvolutionAlgorithm {
  private let configuration: Convolution.Configuration
  private let packed: PackedWeights

  init(_ layer: ConvolutionLayer) {
    configuration = layer.configuration
    packed = PackedWeights(layer)
  }

  var name: String { "direct" }

  func callAsFunction(
    _ input: TensorView, into output: TensorView, adding residual: TensorView?, _ workspace: Workspace
  ) {
    let geometry = TapGeometry(configuration.window, input, output)
    let kernels = workspace.kernels
    let directSum = DirectSum(
      geometry, panels: packed.panels, outside: packed.zeros, tileSizes: kernels.tileSizes,
      lanes: kernels.lanes)
    directSum.run(output, workspace) { scratch, panel, first, count in
      guard let tile = kernels.tiles[panel.columns - 1] else { return assertionFailure("panels fit the tiles") }
      run(tile, panel, scratch, geometry, first: first, count: count, output, residual, kernels.lanes)
    }
  }

  private func run(
    _ tile: TileKernel, _ panel: Panel, _ scratch: TileScratch, _ geometry: TapGeometry, first: Int, count: Int,
    _ output: TensorView, _ residual: TensorView?, _ lanes: Int
  ) {
    let operands = TileOperands(
      taps: UnsafePointer(scratch.taps), tapStride: scratch.tapStride, positions: geometry.positions,
      depth: geometry.depth, weights: packed.weights(panel), bias: packed.bias(panel),
      activation: configuration.activation,
      residual: residual.map { UnsafePointer($0.pixel(first) + panel.channel) },
      residualStride: residual?.pixelStride ?? 0, addsBeforeActivation: configuration.addsBeforeActivation,
      output: output.pixel(first) + panel.channel, outputStride: output.pixelStride)
    let width = panel.columns * lanes
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
}
