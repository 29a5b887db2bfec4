import Glibc
import Kernels

/// The 3×3 convolution of stride 1 by Winograd's minimal filtering (Lavin and Gray, doi:10.1109/CVPR.2016.435): F(4×4,
/// 3×3), which needs a quarter of the multiplications, or F(6×6, 3×3).
///
/// A block of tiles is transformed, multiplied by the matrices of one panel after another, and transformed back while
/// it is in the cache. The last tiles of a row or column may be smaller; with F(4×4, 3×3) they skip some of the
/// matrices.
struct WinogradConvolution: ConvolutionAlgorithm {
  private let configuration: Convolution.Configuration
  /// Rows and columns of a tile, in outputs: 4 or 6.
  private let tile: Int
  private let usesBFloats: Bool
  private let packed: PackedWeights
  /// The weights for tiles that are summed directly, else nil.
  private let direct: PackedWeights?
  /// What multiplies; nil for the level's own register tiles.
  private let openBLAS: OpenBLAS?
  /// Output channels in a panel of products by OpenBLAS: a block's products should stay in the cache.
  private static let productChannels = 128

  /// - Parameters:
  ///   - filters: The transform of the filters, `four` or `six`.
  ///   - openBLAS: What multiplies maps of floats; nil for the level's own register tiles.
  ///   - isGuarded: Whether tiles with equal adjacent pixels are summed directly, so that ties stay ties.
  ///   - usesBFloats: Whether the products are dot products of bfloat16.
  init(
    _ layer: ConvolutionLayer, _ filters: WinogradFilters, _ openBLAS: OpenBLAS? = nil, isGuarded: Bool = false,
    usesBFloats: Bool = false
  ) {
    self.openBLAS = openBLAS
    configuration = layer.configuration
    tile = filters.points - 2
    self.usesBFloats = usesBFloats
    packed = PackedWeights(
      layer, filters, roundsToBFloats: usesBFloats,
      panelColumns: openBLAS.map { _ in Self.productChannels / layer.engine.kernels.lanes })
    direct = isGuarded ? PackedWeights(layer) : nil
  }

  var name: String {
    usesBFloats
      ? "Winograd, bfloat16"
      : (direct == nil ? "Winograd" : "guarded Winograd") + (openBLAS == nil ? "" : ", OpenBLAS")
  }

  func callAsFunction(
    _ input: TensorView, into output: TensorView, adding residual: TensorView?, _ workspace: Workspace
  ) {
    let grid = WinogradGrid(output.shape, tile: tile)
    let (kernels, reducedPrecision) = (workspace.kernels, workspace.reducedPrecision)
    let (transform, restore) =
      tile == 4
      ? (workspace.winogradInput(input.format), workspace.winogradOutput(output.format))
      : (kernels.winograd.largeInput, kernels.winograd.largeOutput)
    let panels = packed.panels
    let registerTile = openBLAS == nil ? kernels.tiles[panels.widest - 1]?.rows ?? 1 : 1
    let (threads, tileBytes) = (
      workspace.engine.threads, grid.products * configuration.inputChannels * MemoryLayout<Float>.stride
    )
    let blocks =
      openBLAS == nil
      ? ConvolutionBlocks.winograd(
        tiles: grid.count, tileBytes: tileBytes, panels: panels.count, unit: registerTile, threads: threads)
      : ConvolutionBlocks.winogradByOpenBLAS(
        tiles: grid.count, tileBytes: tileBytes, panels: panels.count, threads: threads)
    workspace.arena.scope {
      let scratches = workspace.perWorker {
        WinogradScratch(
          tiles: blocks.size, size: tile, channels: configuration.inputChannels, format: input.format,
          panel: panels.widest * kernels.lanes,
          tallestTile: usesBFloats
            ? reducedPrecision.bfloats?.dots.tileSizes.maximumRows ?? 1 : kernels.tileSizes.maximumRows,
          isGuarded: direct != nil, workspace)
      }
      workspace.parallel(blocks.count * blocks.groups) { worker, unit in
        let scratch = scratches[worker]
        scratch.fillTaps()
        let tiles = blocks.range(unit % blocks.count, of: grid.count, unit: registerTile)
        let (rows, guarded) = sort(tiles, grid, input, scratch)
        for row in 0..<rows.all {
          let place = grid[scratch.places[row]]
          fillTaps(scratch.pixels, grid, place, input)
          transform(
            WinogradInput(
              taps: scratch.pixels, height: place.height, width: place.width, channels: configuration.inputChannels,
              target: scratch.transformed + row * scratch.rowBytes, targetStride: scratch.transformedStride))
        }
        let range = blocks.panels(unit / blocks.count, of: panels.count)
        for panel in panels[range] where rows.all > 0 {
          multiply(panel, scratch, grid, rows, kernels, reducedPrecision)
          finish(panel, scratch, grid, rows.all, output, residual, restore)
        }
        for index in 0..<guarded {
          sumDirectly(grid, grid[scratch.direct[index]], range, scratch, input, output, residual, kernels)
        }
      }
    }
  }

  /// Divides a block's tiles into those that are transformed, in the order of `WinogradRows`, and those that are summed
  /// directly.
  private func sort(
    _ tiles: Range<Int>, _ grid: WinogradGrid, _ input: TensorView, _ scratch: WinogradScratch
  ) -> (rows: WinogradRows, guarded: Int) {
    var guarded = 0
    var counts = InlineArray<4, Int>(repeating: 0)
    for tile in tiles {
      let place = grid[tile]
      if direct != nil {
        fillTaps(scratch.pixels, grid, place, input)
        if hasEqualNeighbours(scratch.pixels, grid, place) {
          scratch.direct[guarded] = tile
          guarded += 1
          continue
        }
      }
      counts[place.kind] += 1
    }
    var next = InlineArray<4, Int>(repeating: 0)
    for kind in 1..<4 { next[kind] = next[kind - 1] + counts[kind - 1] }
    let rows = WinogradRows(next[1], next[2], next[3], next[3] + counts[3])
    var skipped = 0
    for tile in tiles {
      if skipped < guarded, scratch.direct[skipped] == tile {
        skipped += 1
        continue
      }
      let kind = grid[tile].kind
      scratch.places[next[kind]] = tile
      next[kind] += 1
    }
    return (rows, guarded)
  }

  /// Computes the products of one panel, matrix by matrix.
  private func multiply(
    _ panel: Panel, _ scratch: WinogradScratch, _ grid: WinogradGrid, _ rows: WinogradRows, _ kernels: KernelTable,
    _ reducedPrecision: ReducedPrecisionKernels
  ) {
    let inputs = configuration.inputChannels
    let points = grid.points
    for position in 0..<grid.products {
      // A tile of 6×6 has all products, however much of it lies inside the output.
      let rows = rows.having(
        y: grid.tile == 6 || winogradTile(grid.lastHeight, has: position / points),
        x: grid.tile == 6 || winogradTile(grid.lastWidth, has: position % points))
      let first = position * scratch.tiles + rows.lowerBound
      let taps = UnsafePointer(scratch.taps + first)
      let weights = packed.weights(panel) + position * (packed.depth / grid.products) * panel.channels
      let output = scratch.products + first * panel.channels
      if let openBLAS {
        guard !rows.isEmpty else { continue }
        let input = scratch.transformed.assumingMemoryBound(to: Float.self) + first * inputs
        openBLAS.multiply(
          ProductOperands(
            rows: rows.count, depth: inputs, columns: panel.channels, a: input, aStride: inputs, b: weights,
            bStride: panel.channels, c: output, cStride: panel.channels))
        continue
      }
      // Beyond the range, the last register tile writes only to tiles that have no such product.
      if usesBFloats {
        guard let tile = reducedPrecision.bfloats?.dots.tiles[panel.columns - 1] else {
          return assertionFailure("panels fit the tiles")
        }
        var operands = DotOperands(
          taps: taps, tapStride: 0, positions: 1, depth: inputs / 2, weights: weights, bias: packed.zeros,
          scales: UnsafePointer(scratch.ones), activation: .none, residual: nil, residualStride: 0,
          residualFormat: .init(.float32), addsBeforeActivation: false, output: output,
          outputStride: panel.channels, outputFormat: .init(.float32))
        tile.run(&operands, (rows.count + tile.rows - 1) / tile.rows)
      } else {
        guard let tile = kernels.tiles[panel.columns - 1] else {
          return assertionFailure("panels fit the tiles")
        }
        var operands = TileOperands(
          taps: taps, tapStride: 0, positions: 1, depth: inputs, weights: weights, bias: packed.zeros,
          activation: .none, residual: nil, residualStride: 0, addsBeforeActivation: false, output: output,
          outputStride: panel.channels)
        tile.run(&operands, (rows.count + tile.rows - 1) / tile.rows)
      }
    }
  }

  private func finish(
    _ panel: Panel, _ scratch: WinogradScratch, _ grid: WinogradGrid, _ count: Int,
    _ output: TensorView, _ residual: TensorView?, _ restore: WinogradKernels.Output
  ) {
    for index in 0..<count {
      var target = WinogradOutput(
        configuration, panel, packed.bias(panel), scratch.products + index * panel.channels,
        productStride: scratch.tiles * panel.channels,
        grid[scratch.places[index]], output, residual)
      restore(&target)
    }
  }

  /// Whether any two adjacent pixels are equal. If so, the neighbourhood of an output may also occur elsewhere in the
  /// map, and equal neighbourhoods must give equal outputs.
  private func hasEqualNeighbours(
    _ pixels: TapGeometry.Taps, _ grid: WinogradGrid, _ place: WinogradGrid.Place
  ) -> Bool {
    let stride = grid.points
    let byteCount = configuration.inputChannels * MemoryLayout<Float>.stride
    func areEqual(_ a: Int, _ b: Int) -> Bool {
      let (a, b) = (pixels[a], pixels[b])
      return a != b && a.load(as: Float.self) == b.load(as: Float.self) && memcmp(a, b, byteCount) == 0
    }
    for row in 0..<place.height + 2 {
      for column in 0..<place.width + 2 {
        let pixel = stride * row + column
        if column < place.width + 1, areEqual(pixel, pixel + 1) { return true }
        if row < place.height + 1, areEqual(pixel, pixel + stride) { return true }
      }
    }
    return false
  }

  /// Computes a tile by the direct sum, row by row.
  private func sumDirectly(
    _ grid: WinogradGrid, _ place: WinogradGrid.Place, _ range: Range<Int>, _ scratch: WinogradScratch,
    _ input: TensorView, _ output: TensorView, _ residual: TensorView?, _ kernels: KernelTable
  ) {
    guard let direct, let tiles = scratch.tileScratch else { return assertionFailure("both belong to guarded layers") }
    fillTaps(scratch.pixels, grid, place, input)
    for row in 0..<place.height {
      for position in 0..<9 {
        for column in 0..<place.width {
          tiles.taps[position * tiles.tapStride + column] =
            scratch.pixels[
              (row + position / 3) * grid.points + column + position % 3]
        }
      }
      let pixel = (place.batch * output.shape.height + place.y + row) * output.shape.width + place.x
      for panel in direct.panels[range] {
        guard let tile = kernels.tiles[panel.columns - 1] else { return assertionFailure("panels fit the tiles") }
        let part = TilePart(
          pixel: 0, rows: place.width, tileRows: tile.rows, channels: panel.channels, width: panel.channels)
        tiles.run(
          part, output: output.slice(pixel, panel.channel), residual: residual?.slice(pixel, panel.channel)
        ) { taps, residual, output in
          var operands = TileOperands(
            taps: taps, tapStride: tiles.tapStride, positions: 9, depth: configuration.inputChannels,
            weights: direct.weights(panel), bias: direct.bias(panel), activation: configuration.activation,
            residual: residual?.assumingMemoryBound(to: Float.self), residualStride: panel.channels,
            addsBeforeActivation: configuration.addsBeforeActivation,
            output: output.assumingMemoryBound(to: Float.self), outputStride: panel.channels)
          tile.run(&operands, 1)
        }
      }
    }
  }

  /// Fills in the addresses of the pixels that a tile reads, the tile's width plus two per row.
  private func fillTaps(
    _ taps: TapGeometry.Taps, _ grid: WinogradGrid, _ place: WinogradGrid.Place, _ input: TensorView
  ) {
    // A tile of 6×6 reads all its pixels, however much of it lies inside the output.
    let (rows, columns) = grid.tile == 6 ? (8, 8) : (place.height + 2, place.width + 2)
    place.fillTaps(
      taps, configuration.window, input, rows: rows, columns: columns, rowStride: grid.points, outside: packed.zeros)
  }
}

/// A worker's scratch memory for one block.
private struct WinogradScratch: BitwiseCopyable, @unchecked Sendable {
  /// Tiles of a block, with room for the last register tile.
  let tiles: Int
  /// Products per tile.
  private let points: Int
  let pixels: TapGeometry.Taps
  /// `[products][tiles][channels]`, in the input's format.
  let transformed: UnsafeMutableRawPointer
  let transformedStride: Int
  let rowBytes: Int
  /// One pointer to each row of `transformed`.
  let taps: TapGeometry.Taps
  /// `[products][tiles][panel]`.
  let products: UnsafeMutablePointer<Float>
  /// The tiles that were transformed.
  let places: UnsafeMutablePointer<Int>
  /// The tiles that are summed directly.
  let direct: UnsafeMutablePointer<Int>
  let tileScratch: TileScratch?
  /// The scales of the dot products.
  let ones: UnsafeMutablePointer<Float>

  init(
    tiles: Int, size: Int, channels: Int, format: MapFormat, panel: Int, tallestTile: Int, isGuarded: Bool,
    _ workspace: Workspace
  ) {
    points = (size + 2) * (size + 2)
    ones = workspace.arena.tensor(Shape(height: 1, width: 1, channels: panel)).base
    ones.initialize(repeating: 1, count: panel)
    rowBytes = channels * format.byteCount
    places = workspace.arena.allocate(Int.self, tiles)
    direct = workspace.arena.allocate(Int.self, tiles)
    tileScratch =
      isGuarded
      ? TileScratch(
        positions: 9, block: size, tallestTile: tallestTile, width: panel, workspace) : nil
    // The last register tile of a product may begin at the last tile.
    self.tiles = tiles + tallestTile - 1
    transformedStride = self.tiles * channels
    pixels = TapGeometry.table(points, workspace)
    transformed = workspace.arena.tensor(Shape(height: points, width: self.tiles, channels: channels), format).memory
    products = workspace.arena.tensor(Shape(height: points, width: self.tiles, channels: panel)).base
    taps = TapGeometry.table(points * self.tiles, workspace)
  }

  /// Points `taps` at the rows of `transformed`. Rows beyond a block's last tile are multiplied too, but their products
  /// are never read.
  func fillTaps() {
    for row in 0..<points * tiles { taps[row] = UnsafeRawPointer(transformed + row * rowBytes) }
  }
}
