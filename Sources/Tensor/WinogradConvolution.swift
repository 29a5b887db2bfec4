import Glibc
import Kernels

/// The 3×3 convolution of stride 1 by Winograd's F(4×4, 3×3): a quarter of the multiplications. A block of tiles is
/// transformed, multiplied by the 36 matrices of one panel after another, and transformed back while in the cache. The
/// last tiles of a row or column have what is left, 1 to 4 outputs, and are multiplied by fewer of the matrices.
extension Convolution {
  func winogradConvolution(
    _ input: TensorView, into output: TensorView, adding residual: TensorView?, _ workspace: Workspace
  ) {
    let grid = WinogradGrid(output.shape)
    let isGuarded = algorithm == .guardedWinograd
    let panels = packed.panels
    let (transform, restore) = (workspace.winogradInput(input.format), workspace.winogradOutput(output.format))
    let blocks = winogradBlocks(grid, workspace)
    // Few blocks: the panels are shared out too.
    let groups = blocks.count < workspace.engine.threads ? min(panels.count, workspace.engine.threads) : 1
    workspace.arena.scope {
      let widest = (panels.map(\.columns).max() ?? 1) * workspace.kernels.lanes
      let scratches = (0..<workspace.engine.threads).map { _ in
        WinogradScratch(
          tiles: blocks.largest, channels: configuration.inputChannels, panel: widest, isGuarded: isGuarded, workspace)
      }
      workspace.parallel(blocks.count * groups) { worker, unit in
        let scratch = scratches[worker]
        scratch.fillTaps(configuration.inputChannels)
        let (rows, guarded) = sort(blocks[unit % blocks.count], grid, input, scratch)
        for row in 0..<rows.all {
          let place = grid[scratch.places[row]]
          fillTaps(scratch.pixels, place, input)
          transform(
            scratch.pixels, place.height, place.width, configuration.inputChannels,
            scratch.transformed + row * configuration.inputChannels, scratch.transformedStride)
        }
        let group = unit / blocks.count
        let range = panels.count * group / groups..<panels.count * (group + 1) / groups
        for panel in panels[range] where rows.all > 0 {
          multiply(panel, scratch, grid, rows, workspace.kernels)
          finish(panel, scratch, grid, rows.all, output, residual, restore)
        }
        for index in 0..<guarded {
          sumDirectly(grid[scratch.direct[index]], range, scratch, input, output, residual, workspace.kernels)
        }
      }
    }
  }

  /// Shares a block's tiles out to those that are transformed, in the order of `WinogradRows`, and those that are summed
  /// directly.
  private func sort(
    _ tiles: Range<Int>, _ grid: WinogradGrid, _ input: TensorView, _ scratch: WinogradScratch
  ) -> (rows: WinogradRows, guarded: Int) {
    var guarded = 0
    var counts = InlineArray<4, Int>(repeating: 0)
    for tile in tiles {
      let place = grid[tile]
      if algorithm == .guardedWinograd {
        fillTaps(scratch.pixels, place, input)
        if hasEqualNeighbours(scratch.pixels, place) {
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

  /// The products of one panel, matrix by matrix.
  private func multiply(
    _ panel: PackedWeights.Panel, _ scratch: WinogradScratch, _ grid: WinogradGrid, _ rows: WinogradRows,
    _ kernels: KernelTable
  ) {
    guard let tile = kernels.tiles[panel.columns - 1] else { return assertionFailure("panels fit the tiles") }
    let inputs = configuration.inputChannels
    for position in 0..<36 {
      let rows = rows.having(
        y: winogradTile(grid.lastHeight, has: position / 6), x: winogradTile(grid.lastWidth, has: position % 6))
      let first = position * scratch.tiles + rows.lowerBound
      var operands = TileOperands(
        taps: scratch.taps + first, tapStride: 0, positions: 1, depth: inputs,
        weights: packed.weights(panel) + position * inputs * panel.channels, bias: packed.zeros,
        activation: .none, residual: nil, residualStride: 0, addsBeforeActivation: false,
        output: scratch.products + first * panel.channels, outputStride: panel.channels)
      // What the last register tile reaches beyond the range belongs to tiles without this product.
      tile.run(&operands, (rows.count + tile.rows - 1) / tile.rows)
    }
  }

  private func finish(
    _ panel: PackedWeights.Panel, _ scratch: WinogradScratch, _ grid: WinogradGrid, _ count: Int,
    _ output: TensorView, _ residual: TensorView?, _ restore: KernelTable.WinogradTransform
  ) {
    for index in 0..<count {
      let place = grid[scratch.places[index]]
      let pixel = (place.batch * output.shape.height + place.y) * output.shape.width + place.x
      var target = WinogradOutput(
        products: UnsafePointer(scratch.products + index * panel.channels),
        productStride: scratch.tiles * panel.channels, bias: packed.bias(panel), channels: panel.channels,
        activation: configuration.activation,
        residual: residual.map { UnsafeRawPointer($0.slice(pixel, panel.channel).start) },
        residualPixel: residual?.pixelStride ?? 0, residualRow: (residual?.pixelStride ?? 0) * output.shape.width,
        addsBeforeActivation: configuration.addsBeforeActivation, output: output.slice(pixel, panel.channel).start,
        outputPixel: output.pixelStride, outputRow: output.pixelStride * output.shape.width,
        height: place.height, width: place.width)
      restore(&target)
    }
  }

  /// Whether two pixels next to each other are the same: then some of the tile's outputs may have a neighbourhood that
  /// occurs at other places of the grid, and equal neighbourhoods must give equal outputs.
  private func hasEqualNeighbours(_ pixels: TapGeometry.Taps, _ place: WinogradGrid.Place) -> Bool {
    let byteCount = configuration.inputChannels * MemoryLayout<Float>.stride
    func areEqual(_ a: Int, _ b: Int) -> Bool {
      let (a, b) = (pixels[a], pixels[b])
      return a != b && a.load(as: Float.self) == b.load(as: Float.self) && memcmp(a, b, byteCount) == 0
    }
    for row in 0..<place.height + 2 {
      for column in 0..<place.width + 2 {
        let pixel = 6 * row + column
        if column < place.width + 1, areEqual(pixel, pixel + 1) { return true }
        if row < place.height + 1, areEqual(pixel, pixel + 6) { return true }
      }
    }
    return false
  }

  /// A tile by the implicit product, row by row.
  private func sumDirectly(
    _ place: WinogradGrid.Place, _ range: Range<Int>, _ scratch: WinogradScratch, _ input: TensorView,
    _ output: TensorView, _ residual: TensorView?, _ kernels: KernelTable
  ) {
    guard let direct, let tiles = scratch.tileScratch else { return assertionFailure("both belong to guarded layers") }
    fillTaps(scratch.pixels, place, input)
    for row in 0..<place.height {
      for position in 0..<9 {
        for column in 0..<place.width {
          tiles.taps[position * tiles.tapStride + column] =
            scratch.pixels[
              (row + position / 3) * 6 + column + position % 3]
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

  /// The pixels that a tile reads, six addresses a row, zeros outside of the input.
  private func fillTaps(_ taps: TapGeometry.Taps, _ place: WinogradGrid.Place, _ input: TensorView) {
    let (height, width) = (input.shape.height, input.shape.width)
    let (top, left) = (place.y - configuration.padding, place.x - configuration.padding)
    let pixelBytes = input.pixelStride * input.format.byteCount
    let zeros = UnsafeRawPointer(packed.zeros)
    for row in 0..<place.height + 2 {
      let y = top + row
      let line = input.address((place.batch * height + max(0, min(y, height - 1))) * width)
      for column in 0..<place.width + 2 {
        let x = left + column
        let isInside = y >= 0 && y < height && x >= 0 && x < width
        taps[row * 6 + column] = isInside ? UnsafeRawPointer(line + x * pixelBytes) : zeros
      }
    }
  }

  /// The transformed block should stay in the second-level cache, and the blocks share out evenly: in whole register
  /// tiles, as many for each thread.
  private func winogradBlocks(_ grid: WinogradGrid, _ workspace: Workspace) -> WinogradBlocks {
    let threads = workspace.engine.threads
    let columns = packed.panels.map(\.columns).max() ?? 1
    let unit = workspace.kernels.tiles[columns - 1]?.rows ?? 1
    let units = (grid.count + unit - 1) / unit
    let fitting = max(24, min(96, (768 << 10) / (36 * 4 * configuration.inputChannels))) / unit
    var count = (units + fitting - 1) / fitting
    if count > 1, count < 8 * threads { count = (count + threads - 1) / threads * threads }
    return WinogradBlocks(tiles: grid.count, unit: unit, units: units, count: min(count, units))
  }
}

/// The tiles of an output in blocks of whole units, as equal as can be.
private struct WinogradBlocks {
  let tiles: Int
  let unit: Int
  let units: Int
  let count: Int

  subscript(block: Int) -> Range<Int> {
    min(units * block / count * unit, tiles)..<min(units * (block + 1) / count * unit, tiles)
  }

  /// Tiles of the largest block.
  var largest: Int { (units + count - 1) / count * unit }
}

/// The 4×4 tiles that cover an output.
struct WinogradGrid {
  struct Place {
    let batch: Int
    /// Top row.
    let y: Int
    /// Left column.
    let x: Int
    /// Rows inside the output, 1 to 4.
    let height: Int
    /// Columns inside the output, 1 to 4.
    let width: Int

    /// The place in the order of `WinogradRows`.
    var kind: Int { height < 4 ? (width < 4 ? 3 : 2) : (width < 4 ? 0 : 1) }
  }

  let count: Int
  /// Rows of the lowest tiles.
  let lastHeight: Int
  /// Columns of the rightmost tiles.
  let lastWidth: Int
  private let rows: Int
  private let columns: Int

  init(_ output: Shape) {
    rows = (output.height + 3) / 4
    columns = (output.width + 3) / 4
    count = output.batch * rows * columns
    lastHeight = output.height - 4 * (rows - 1)
    lastWidth = output.width - 4 * (columns - 1)
  }

  subscript(tile: Int) -> Place {
    let (row, column) = (tile / columns % rows, tile % columns)
    return Place(
      batch: tile / (rows * columns), y: row * 4, x: column * 4, height: row == rows - 1 ? lastHeight : 4,
      width: column == columns - 1 ? lastWidth : 4)
  }
}

/// The tiles of a block, ordered so that those that share a product follow each other: the narrow ones of four rows,
/// the whole ones, the flat ones of four columns, those that are both.
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

  /// The tiles with a product that flat tiles have or have not, and narrow ones have or have not.
  func having(y isInFlat: Bool, x isInNarrow: Bool) -> Range<Int> {
    (isInNarrow ? 0 : narrowEnd)..<(isInFlat ? (isInNarrow ? all : flatEnd) : wholeEnd)
  }
}

/// A worker's memory for one block.
private struct WinogradScratch {
  /// Tiles with room for the last register tile.
  let tiles: Int
  let pixels: TapGeometry.Taps
  /// `[36][tiles][channels]`.
  let transformed: UnsafeMutablePointer<Float>
  let transformedStride: Int
  /// One pointer to each row of `transformed`.
  let taps: TapGeometry.Taps
  /// `[36][tiles][panel]`.
  let products: UnsafeMutablePointer<Float>
  /// The tiles that were transformed.
  let places: UnsafeMutablePointer<Int>
  /// The tiles that are summed directly.
  let direct: UnsafeMutablePointer<Int>
  let tileScratch: TileScratch?

  init(tiles: Int, channels: Int, panel: Int, isGuarded: Bool, _ workspace: Workspace) {
    places = Self.indices(tiles, workspace)
    direct = Self.indices(tiles, workspace)
    tileScratch = isGuarded ? TileScratch(positions: 9, block: 4, workspace) : nil
    self.tiles = tiles + 12
    transformedStride = self.tiles * channels
    pixels = TapGeometry.table(36, workspace)
    transformed = workspace.arena.tensor(Shape(height: 36, width: self.tiles, channels: channels)).base
    products = workspace.arena.tensor(Shape(height: 36, width: self.tiles, channels: panel)).base
    taps = TapGeometry.table(36 * self.tiles, workspace)
  }

  private static func indices(_ count: Int, _ workspace: Workspace) -> UnsafeMutablePointer<Int> {
    workspace.arena.allocate(byteCount: count * MemoryLayout<Int>.stride).bindMemory(to: Int.self, capacity: count)
  }

  /// Points at the rows of `transformed`. Those beyond a block's last tile are multiplied too and reach only products
  /// that nobody reads.
  func fillTaps(_ channels: Int) {
    for row in 0..<36 * tiles { taps[row] = UnsafeRawPointer(transformed + row * channels) }
  }
}

/// Transforms one input channel's 3×3 filters for `channels` outputs: `G g G^T`.
///
/// `source` steps by `sourceStride` from one output to the next; `target` by `targetStride` between the 36 results.
func winogradFilter(
  _ source: UnsafePointer<Float>, stride sourceStride: Int, channels: Int, into target: UnsafeMutablePointer<Float>,
  stride targetStride: Int
) {
  for channel in 0..<channels {
    let g = source + channel * sourceStride
    var columns = InlineArray<18, Float>(repeating: 0)
    for x in 0..<3 {
      let column = winogradFilter(g[x], g[3 + x], g[6 + x])
      for y in 0..<6 { columns[3 * y + x] = column[y] }
    }
    for y in 0..<6 {
      let row = winogradFilter(columns[3 * y], columns[3 * y + 1], columns[3 * y + 2])
      for x in 0..<6 { target[(6 * y + x) * targetStride + channel] = row[x] }
    }
  }
}

/// `G g`, one dimension.
private func winogradFilter(_ g0: Float, _ g1: Float, _ g2: Float) -> InlineArray<6, Float> {
  let (even, odd) = ((g0 + g2) / 6, g1 / 6)
  let (far, near) = (g0 / 24 + g2 / 6, g1 / 12)
  return [g0 / 4, -even - odd, -even + odd, far + near, far - near, g2]
}
