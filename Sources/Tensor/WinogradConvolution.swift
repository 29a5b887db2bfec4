import Glibc
import Kernels

/// The 3×3 convolution of stride 1 by Winograd's minimal filtering (Lavin and Gray, doi:10.1109/CVPR.2016.435): F(4×4,
/// 3×3), which needs a quarter of the multiplications, or F(6×6, 3×3).
///
/// A block of tiles is transformed, multiplied by the matrices of one panel after another, and transformed back while
/// it is in the cache. The last tiles of a row or column may be smaller; with F(4×4, 3×3) they skip some of the
/// matrices.
extension Convolution {
  func winogradConvolution(
    _ input: TensorView, into output: TensorView, adding residual: TensorView?, _ workspace: Workspace
  ) {
    let size = algorithm.winogradSize(configuration)
    let grid = WinogradGrid(output.shape, tile: size)
    let isGuarded = algorithm == .guardedWinograd
    let panels = packed.panels
    let (transform, restore) =
      size == 4
      ? (workspace.winogradInput(input.format), workspace.winogradOutput(output.format))
      : (workspace.kernels.largeWinogradInput, workspace.kernels.largeWinogradOutput)
    let blocks = winogradBlocks(grid, workspace)
    // Too few blocks for the threads: the panels are divided among them as well.
    let groups = blocks.count < workspace.engine.threads ? min(panels.count, workspace.engine.threads) : 1
    workspace.arena.scope {
      let widest = packed.widest * workspace.kernels.lanes
      let scratches = workspace.perWorker {
        WinogradScratch(
          tiles: blocks.largest, size: size, channels: configuration.inputChannels, format: input.format, panel: widest,
          isGuarded: isGuarded, workspace)
      }
      workspace.parallel(blocks.count * groups) { worker, unit in
        let scratch = scratches[worker]
        scratch.fillTaps()
        let (rows, guarded) = sort(blocks[unit % blocks.count], grid, input, scratch)
        for row in 0..<rows.all {
          let place = grid[scratch.places[row]]
          fillTaps(scratch.pixels, grid, place, input)
          transform(
            scratch.pixels, place.height, place.width, configuration.inputChannels,
            scratch.transformed + row * scratch.rowBytes, scratch.transformedStride)
        }
        let group = unit / blocks.count
        let range = panels.count * group / groups..<panels.count * (group + 1) / groups
        for panel in panels[range] where rows.all > 0 {
          multiply(panel, scratch, grid, rows, workspace)
          finish(panel, scratch, grid, rows.all, output, residual, restore)
        }
        for index in 0..<guarded {
          sumDirectly(grid, grid[scratch.direct[index]], range, scratch, input, output, residual, workspace.kernels)
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
      if algorithm == .guardedWinograd {
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
    _ panel: PackedWeights.Panel, _ scratch: WinogradScratch, _ grid: WinogradGrid, _ rows: WinogradRows,
    _ workspace: Workspace
  ) {
    let inputs = configuration.inputChannels
    let points = grid.tile + 2
    for position in 0..<points * points {
      // A tile of 6×6 has all products, however much of it lies inside the output.
      let rows = rows.having(
        y: grid.tile == 6 || winogradTile(grid.lastHeight, has: position / points),
        x: grid.tile == 6 || winogradTile(grid.lastWidth, has: position % points))
      let first = position * scratch.tiles + rows.lowerBound
      let taps = UnsafePointer(scratch.taps + first)
      let weights = packed.weights(panel) + position * (packed.depth / (points * points)) * panel.channels
      let output = scratch.products + first * panel.channels
      // Beyond the range, the last register tile writes only to tiles that have no such product.
      if algorithm == .winogradDots {
        guard let tile = workspace.reducedPrecision.bfloats?.dots.tiles[panel.columns - 1] else {
          return assertionFailure("panels fit the tiles")
        }
        var operands = DotOperands(
          taps: taps, tapStride: 0, positions: 1, depth: inputs / 2, weights: weights, bias: packed.zeros,
          scales: UnsafePointer(scratch.ones), activation: .none, residual: nil, residualStride: 0,
          residualFormat: .init(.float32), addsBeforeActivation: false, output: output,
          outputStride: panel.channels, outputFormat: .init(.float32))
        tile.run(&operands, (rows.count + tile.rows - 1) / tile.rows)
      } else {
        guard let tile = workspace.kernels.tiles[panel.columns - 1] else {
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
    _ panel: PackedWeights.Panel, _ scratch: WinogradScratch, _ grid: WinogradGrid, _ count: Int,
    _ output: TensorView, _ residual: TensorView?, _ restore: KernelTable.WinogradTransform
  ) {
    for index in 0..<count {
      var target = winogradOutput(
        panel, scratch.products + index * panel.channels, productStride: scratch.tiles * panel.channels,
        grid[scratch.places[index]], output, residual)
      restore(&target)
    }
  }

  /// The operands of a tile's output transform, for stride 1 or 2.
  func winogradOutput(
    _ panel: PackedWeights.Panel, _ products: UnsafePointer<Float>, productStride: Int, _ place: WinogradGrid.Place,
    _ output: TensorView, _ residual: TensorView?
  ) -> WinogradOutput {
    let pixel = (place.batch * output.shape.height + place.y) * output.shape.width + place.x
    return WinogradOutput(
      products: products, productStride: productStride, bias: packed.bias(panel), channels: panel.channels,
      activation: configuration.activation,
      residual: residual.map { UnsafeRawPointer($0.slice(pixel, panel.channel).start) },
      residualPixel: residual?.pixelStride ?? 0, residualRow: (residual?.pixelStride ?? 0) * output.shape.width,
      addsBeforeActivation: configuration.addsBeforeActivation, output: output.slice(pixel, panel.channel).start,
      outputPixel: output.pixelStride, outputRow: output.pixelStride * output.shape.width, height: place.height,
      width: place.width)
  }

  /// Whether any two adjacent pixels are equal. If so, the neighbourhood of an output may also occur elsewhere in the
  /// map, and equal neighbourhoods must give equal outputs.
  private func hasEqualNeighbours(
    _ pixels: TapGeometry.Taps, _ grid: WinogradGrid, _ place: WinogradGrid.Place
  ) -> Bool {
    let stride = grid.tile + 2
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
              (row + position / 3) * (grid.tile + 2) + column + position % 3]
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
    fillTaps(taps, place, input, rows: rows, columns: columns, rowStride: grid.tile + 2)
  }

  /// Fills in the addresses of a tile's pixels, for stride 1 or 2; outside of the input that of zeros.
  func fillTaps(
    _ taps: TapGeometry.Taps, _ place: WinogradGrid.Place, _ input: TensorView, rows: Int, columns: Int, rowStride: Int
  ) {
    let (height, width) = (input.shape.height, input.shape.width)
    let c = configuration
    let (top, left) = (place.y * c.stride - c.padding, place.x * c.stride - c.padding)
    let pixelBytes = input.pixelStride * input.format.byteCount
    let zeros = UnsafeRawPointer(packed.zeros)
    for row in 0..<rows {
      let y = top + row
      let line = input.address((place.batch * height + max(0, min(y, height - 1))) * width)
      for column in 0..<columns {
        let x = left + column
        let isInside = y >= 0 && y < height && x >= 0 && x < width
        taps[row * rowStride + column] = isInside ? UnsafeRawPointer(line + x * pixelBytes) : zeros
      }
    }
  }

  /// Divides the tiles into blocks of whole register tiles, as many for each thread. A transformed block should fit in
  /// the second-level cache.
  private func winogradBlocks(_ grid: WinogradGrid, _ workspace: Workspace) -> WinogradBlocks {
    let threads = workspace.engine.threads
    let columns = packed.widest
    let unit = workspace.kernels.tiles[columns - 1]?.rows ?? 1
    let units = (grid.count + unit - 1) / unit
    let fitting =
      max(24, min(96, (768 << 10) / ((grid.tile + 2) * (grid.tile + 2) * 4 * configuration.inputChannels))) / unit
    var count = (units + fitting - 1) / fitting
    if count > 1, count < 8 * threads { count = (count + threads - 1) / threads * threads }
    return WinogradBlocks(tiles: grid.count, unit: unit, units: units, count: min(count, units))
  }
}

/// The tiles of an output in blocks of whole units, as equal in size as possible.
private struct WinogradBlocks {
  let tiles: Int
  let unit: Int
  let units: Int
  let count: Int

  subscript(block: Int) -> Range<Int> {
    min(units * block / count * unit, tiles)..<min(units * (block + 1) / count * unit, tiles)
  }

  /// The number of tiles in the largest block.
  var largest: Int { (units + count - 1) / count * unit }
}

/// The tiles of 4×4 or 6×6 that cover an output.
struct WinogradGrid {
  struct Place {
    let batch: Int
    /// Top row.
    let y: Int
    /// Left column.
    let x: Int
    /// Rows of the tile inside the output.
    let height: Int
    /// Columns of the tile inside the output.
    let width: Int
    /// The position in the order of `WinogradRows`: 0 partial in width, 1 whole, 2 partial in height, 3 in both.
    let kind: Int
  }

  let count: Int
  /// Rows and columns of a tile, in outputs.
  let tile: Int
  /// Rows of the lowest tiles.
  let lastHeight: Int
  /// Columns of the rightmost tiles.
  let lastWidth: Int
  private let rows: Int
  private let columns: Int

  init(_ output: Shape, tile: Int = 4) {
    self.tile = tile
    rows = (output.height + tile - 1) / tile
    columns = (output.width + tile - 1) / tile
    count = output.batch * rows * columns
    lastHeight = output.height - tile * (rows - 1)
    lastWidth = output.width - tile * (columns - 1)
  }

  subscript(index: Int) -> Place {
    let (row, column) = (index / columns % rows, index % columns)
    let height = row == rows - 1 ? lastHeight : tile
    let width = column == columns - 1 ? lastWidth : tile
    return Place(
      batch: index / (rows * columns), y: row * tile, x: column * tile, height: height, width: width,
      kind: height < tile ? (width < tile ? 3 : 2) : (width < tile ? 0 : 1))
  }
}

/// The tiles of a block, ordered so that those with a given product are contiguous: first the narrow ones (four rows,
/// fewer columns), then the whole ones, the flat ones (fewer rows, four columns), and those that are both narrow and
/// flat.
private struct WinogradRows {
  private let narrowEnd: Int
  private let wholeEnd: Int
  private let flatEnd: Int
  let all: Int

  init(_ narrowEnd: Int, _ wholeEnd: Int, _ flatEnd: Int, _ all: Int) {
    self.narrowEnd = narrowEnd
    self.wholeEnd = wholeEnd
    self.flatEnd = flatEnd
    self.all = all
  }

  /// The tiles that have a product, given whether flat tiles and whether narrow tiles have it.
  func having(y isInFlat: Bool, x isInNarrow: Bool) -> Range<Int> {
    (isInNarrow ? 0 : narrowEnd)..<(isInFlat ? (isInNarrow ? all : flatEnd) : wholeEnd)
  }
}

/// A worker's scratch memory for one block.
private struct WinogradScratch {
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
    tiles: Int, size: Int, channels: Int, format: MapFormat, panel: Int, isGuarded: Bool, _ workspace: Workspace
  ) {
    points = (size + 2) * (size + 2)
    ones = workspace.arena.tensor(Shape(height: 1, width: 1, channels: panel)).base
    ones.initialize(repeating: 1, count: panel)
    rowBytes = channels * format.byteCount
    places = Self.indices(tiles, workspace)
    direct = Self.indices(tiles, workspace)
    tileScratch = isGuarded ? TileScratch(positions: 9, block: size, workspace) : nil
    self.tiles = tiles + 12
    transformedStride = self.tiles * channels
    pixels = TapGeometry.table(points, workspace)
    transformed = workspace.arena.tensor(Shape(height: points, width: self.tiles, channels: channels), format).memory
    products = workspace.arena.tensor(Shape(height: points, width: self.tiles, channels: panel)).base
    taps = TapGeometry.table(points * self.tiles, workspace)
  }

  private static func indices(_ count: Int, _ workspace: Workspace) -> UnsafeMutablePointer<Int> {
    workspace.arena.allocate(byteCount: count * MemoryLayout<Int>.stride).bindMemory(to: Int.self, capacity: count)
  }

  /// Points `taps` at the rows of `transformed`. Rows beyond a block's last tile are multiplied too, but their products
  /// are never read.
  func fillTaps() {
    for row in 0..<points * tiles { taps[row] = UnsafeRawPointer(transformed + row * rowBytes) }
  }
}
