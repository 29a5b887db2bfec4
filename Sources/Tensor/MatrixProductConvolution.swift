import Kernels

/// The direct sum as products of matrices by OpenBLAS, block by block of output pixels: the block's input is unrolled
/// into one row for each pixel (im2col), unless the kernel is 1×1, and the product is finished while it is in the cache.
struct MatrixProductConvolution: ConvolutionAlgorithm {
  private let configuration: Convolution.Configuration
  private let packed: PackedWeights
  private let panel: Panel
  private let openBLAS: OpenBLAS

  init(_ layer: ConvolutionLayer, _ openBLAS: OpenBLAS) {
    configuration = layer.configuration
    packed = PackedWeights(layer, panelColumns: layer.configuration.outputChannels)
    panel = packed.panels[0]
    self.openBLAS = openBLAS
  }

  var name: String { "direct, OpenBLAS" }

  func callAsFunction(
    _ input: TensorView, into output: TensorView, adding residual: TensorView?, _ workspace: Workspace
  ) {
    let geometry = TapGeometry(configuration.window, input, output)
    let readsInPlace = configuration.window == Window(kernel: 1)
    let (pixels, depth, kernels) = (output.shape.pixels, packed.depth, workspace.kernels)
    let width = panel.columns * kernels.lanes
    let blocks = ConvolutionBlocks.matrixProduct(
      pixels: pixels, rowBytes: (width + (readsInPlace ? 0 : depth)) * MemoryLayout<Float>.stride)
    workspace.arena.scope {
      let scratches = workspace.perWorker {
        MatrixProductScratch(
          rows: blocks.size, depth: readsInPlace ? 0 : depth, width: width, positions: geometry.positions, workspace)
      }
      workspace.parallel(blocks.count) { worker, block in
        let scratch = scratches[worker]
        let range = blocks.range(block, of: pixels, unit: 1)
        if !readsInPlace { scratch.unroll(geometry, range, outside: packed.zeros) }
        openBLAS.multiply(
          ProductOperands(
            rows: range.count, depth: depth, columns: width,
            a: readsInPlace ? input.pixel(range.lowerBound) : scratch.unrolled,
            aStride: readsInPlace ? input.pixelStride : depth, b: packed.weights(panel), bStride: width,
            c: scratch.sums, cStride: width))
        kernels.maps.biasActivation(
          BiasActivationOperands(
            sums: scratch.sums, sumStride: width, bias: packed.bias(panel), activation: configuration.activation,
            residual: residual.map { UnsafePointer($0.pixel(range.lowerBound)) },
            residualStride: residual?.pixelStride ?? 0, addsBeforeActivation: configuration.addsBeforeActivation,
            output: output.pixel(range.lowerBound), outputStride: output.pixelStride, count: range.count,
            channels: configuration.outputChannels))
      }
    }
  }
}

/// A worker's scratch memory for one block.
private struct MatrixProductScratch: BitwiseCopyable, @unchecked Sendable {
  let taps: TapGeometry.Taps
  private let rows: Int
  /// `[rows][positions * depth]`, the input of each output pixel.
  let unrolled: UnsafeMutablePointer<Float>
  /// `[rows][width]`.
  let sums: UnsafeMutablePointer<Float>

  init(rows: Int, depth: Int, width: Int, positions: Int, _ workspace: Workspace) {
    self.rows = rows
    taps = TapGeometry.table(positions * rows, workspace)
    unrolled = workspace.arena.allocate(Float.self, rows * depth)
    sums = workspace.arena.allocate(Float.self, rows * width)
  }

  /// Copies what each output pixel of the range reads to a row of `unrolled`.
  func unroll(_ geometry: TapGeometry, _ range: Range<Int>, outside: UnsafePointer<Float>) {
    geometry.fill(taps, stride: rows, from: range.lowerBound, count: range.count, outside: outside)
    var target = unrolled
    for pixel in 0..<range.count {
      for position in 0..<geometry.positions {
        let source = taps[position * rows + pixel].assumingMemoryBound(to: Float.self)
        target.update(from: source, count: geometry.depth)
        target += geometry.depth
      }
    }
  }
}
