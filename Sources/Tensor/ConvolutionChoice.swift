/// Which algorithm computes a layer, chosen once when the layer is made, and the sizes of the blocks that it works on.
///
/// All rules are in this file; the measurements behind them are in Docs/kernels.md.
enum ConvolutionChoice: Sendable {
  /// Each channel by itself.
  case depthwise
  /// Groups of channels, each a convolution of its own.
  case grouped
  /// The direct sum as an implicit matrix product on tiles of floats, for any geometry.
  case implicit
  /// The direct sum as matrix products by OpenBLAS.
  case matrixProduct(OpenBLAS)
  /// Winograd's minimal filtering with stride 1, with products by OpenBLAS or by the level's own tiles.
  case winograd(WinogradFilters, OpenBLAS?)
  /// Winograd's minimal filtering with stride 1, except that tiles with equal adjacent pixels are summed directly.
  case guardedWinograd(WinogradFilters)
  /// Winograd's minimal filtering with stride 1 on maps of bfloat16, with bfloat16 dot products.
  case winogradBFloats
  /// Winograd's minimal filtering with stride 2.
  case stridedWinograd
  /// The direct sum as an implicit matrix product on bfloat16 or int8 dot-product tiles.
  case dots

  /// Chooses the algorithm for a layer whose input has the given format.
  init(_ c: Convolution.Configuration, _ format: MapFormat, _ engine: Engine) {
    let lanes = engine.kernels.lanes
    let suitsWinograd =
      c.kernel == 3 && c.dilation == 1 && c.stride.height == c.stride.width && c.stride.height <= 2
      && c.padding.height == c.padding.width && c.inputChannels % lanes == 0 && c.outputChannels % lanes == 0
    let isStrided = c.stride == 2
    // OpenBLAS may round differently at each place of a block, so that repeated parts of an image would no longer have
    // equal scores. Smaller products take less time than a call of OpenBLAS.
    let suitsOpenBLAS =
      format.kind == .float32 && !c.preservesTies && c.outputChannels >= 16
      && c.inputChannels * (suitsWinograd ? 1 : c.window.positions) >= 16
    let openBLAS = suitsOpenBLAS ? engine.layerProductChoice.openBLAS : nil
    switch format.kind {
    case .float32 where c.groups > 1 && c.groups == c.inputChannels && c.groups == c.outputChannels: self = .depthwise
    case _ where c.groups > 1: self = .grouped
    case .byte: self = .dots
    case .bfloat16: self = suitsWinograd && !isStrided ? .winogradBFloats : .dots
    case .float32 where suitsWinograd && !isStrided:
      // Guarded layers have large maps, where tiles of 6×6 are faster. Layers of 512 channels have small maps, where
      // reading the weights takes most of the time, and tiles of 6×6 have nearly twice as many.
      self =
        c.preservesTies
        ? .guardedWinograd(c.inputChannels <= 256 ? .six : .four) : .winograd(.four, openBLAS)
    case .float32 where c.preservesTies: self = .implicit
    case .float32:
      self = openBLAS.map { .matrixProduct($0) } ?? (suitsWinograd ? .stridedWinograd : .implicit)
    }
  }

  /// Makes the algorithm.
  func callAsFunction(_ layer: ConvolutionLayer) throws(TensorError) -> any ConvolutionAlgorithm {
    switch self {
    case .depthwise: DepthwiseConvolution(layer)
    case .grouped: try GroupedConvolution(layer)
    case .implicit: ImplicitConvolution(layer)
    case .matrixProduct(let openBLAS): MatrixProductConvolution(layer, openBLAS)
    case .winograd(let filters, let openBLAS): WinogradConvolution(layer, filters, openBLAS)
    case .guardedWinograd(let filters): WinogradConvolution(layer, filters, isGuarded: true)
    case .winogradBFloats: WinogradConvolution(layer, .four, usesBFloats: true)
    case .stridedWinograd: StridedWinogradConvolution(layer)
    case .dots: DotConvolution(layer)
    }
  }
}

/// The division of a layer's work: blocks of the output, and groups of panels of output channels.
struct ConvolutionBlocks: Sendable {
  /// Output pixels, or Winograd tiles, in the largest block.
  let size: Int
  /// The number of blocks.
  let count: Int
  /// The number of groups that the panels of a block are divided into, so that threads without a block of their own
  /// have work, and each core reads its own part of the weights.
  let groups: Int

  /// The blocks of a direct sum. Their input should stay in the second-level cache for all panels, and each thread
  /// should get equally many blocks.
  ///
  /// - Parameters:
  ///   - pixels: Output pixels.
  ///   - inputBytes: Bytes of the input that one output pixel reads.
  ///   - unit: A multiple of every tile's rows.
  static func directSum(pixels: Int, inputBytes: Int, panels: Int, unit: Int, threads: Int) -> ConvolutionBlocks {
    let fitting = max(2, min(10, (512 << 10) / max(inputBytes, 1) / unit))
    let units = (pixels + unit - 1) / unit
    let share = (units + threads - 1) / threads
    let size = unit * min(fitting, share)
    let count = (pixels + size - 1) / size
    return ConvolutionBlocks(size: size, count: count, groups: count >= 4 * threads ? 1 : panels)
  }

  /// The blocks of a direct sum by OpenBLAS: as equal as possible, and the same for every number of threads, since
  /// rounding depends on the size. More rows repay that OpenBLAS packs the weights for each block; but a block should
  /// stay in the cache.
  ///
  /// - Parameter rowBytes: Bytes of a pixel's unrolled input and sums.
  static func matrixProduct(pixels: Int, rowBytes: Int) -> ConvolutionBlocks {
    let fitting = max(96, min(192, (1 << 20) / rowBytes))
    let count = (pixels + fitting - 1) / fitting
    return ConvolutionBlocks(size: (pixels + count - 1) / count, count: count, groups: 1)
  }

  /// The blocks of a Winograd convolution of stride 1 whose products OpenBLAS computes: the same for every number of
  /// threads, since rounding depends on the size.
  static func winogradByOpenBLAS(tiles: Int, tileBytes: Int, panels: Int, threads: Int) -> ConvolutionBlocks {
    let fitting = max(24, min(96, (768 << 10) / tileBytes))
    let count = (tiles + fitting - 1) / fitting
    return ConvolutionBlocks(
      size: (tiles + count - 1) / count, count: count, groups: count < threads ? min(panels, threads) : 1)
  }

  /// The blocks of a Winograd convolution of stride 1: whole register tiles, as many for each thread. A transformed
  /// block should fit in the second-level cache.
  ///
  /// - Parameters:
  ///   - tiles: Winograd tiles of the output.
  ///   - tileBytes: Bytes of a transformed tile.
  ///   - unit: The rows of the register tile.
  static func winograd(tiles: Int, tileBytes: Int, panels: Int, unit: Int, threads: Int) -> ConvolutionBlocks {
    let units = (tiles + unit - 1) / unit
    let fitting = max(24, min(96, (768 << 10) / tileBytes)) / unit
    var count = (units + fitting - 1) / fitting
    if count > 1, count < 8 * threads { count = (count + threads - 1) / threads * threads }
    count = min(count, units)
    // Too few blocks for the threads: the panels are divided among them as well.
    return ConvolutionBlocks(
      size: (units + count - 1) / count * unit, count: count, groups: count < threads ? min(panels, threads) : 1)
  }

  /// The blocks of a Winograd convolution of stride 2. Twelve tiles fill two to sixteen register tiles of each filter,
  /// and small blocks measured fastest on large maps. A small map is one block, so that its weights are read only once.
  static func stridedWinograd(tiles: Int, panels: Int, threads: Int) -> ConvolutionBlocks {
    let size = tiles <= 36 ? tiles : 12
    let count = (tiles + size - 1) / size
    return ConvolutionBlocks(size: size, count: count, groups: count < threads ? min(panels, threads) : 1)
  }

  /// The pixels or tiles of a block, of `total` in all, when blocks consist of whole units and are as equal as possible.
  func range(_ block: Int, of total: Int, unit: Int) -> Range<Int> {
    let units = (total + unit - 1) / unit
    return min(units * block / count * unit, total)..<min(units * (block + 1) / count * unit, total)
  }

  /// The panels of the given group, of `count` panels in all.
  func panels(_ group: Int, of count: Int) -> Range<Int> { count * group / groups..<count * (group + 1) / groups }
}
