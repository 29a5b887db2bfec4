import Glibc
import Kernels

/// The 3×3 convolution of stride 1 by Winograd's F(4×4, 3×3): a quarter of the multiplications. A block of tiles is
/// transformed, multiplied by the 36 matrices of one panel after another, and transformed back while in the cache.
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
        var (transformed, guarded) = (0, 0)
        for tile in blocks[unit % blocks.count] {
          fillTaps(scratch.pixels, grid[tile], input)
          if isGuarded, hasEqualNeighbours(scratch.pixels) {
            scratch.direct[guarded] = tile
            guarded += 1
            continue
          }
          transform(
            scratch.pixels, configuration.inputChannels,
            scratch.transformed + transformed * configuration.inputChannels, scratch.transformedStride)
          scratch.places[transformed] = tile
          transformed += 1
        }
        let group = unit / blocks.count
        let range = panels.count * group / groups..<panels.count * (group + 1) / groups
        for panel in panels[range] where transformed > 0 {
          multiply(panel, scratch, transformed, workspace.kernels)
          finish(panel, scratch, grid, transformed, output, residual, restore)
        }
        for index in 0..<guarded {
          sumDirectly(grid[scratch.direct[index]], range, scratch, input, output, residual, workspace.kernels)
        }
      }
    }
  }

  /// The 36 products of one panel.
  private func multiply(
    _ panel: PackedWeights.Panel, _ scratch: WinogradScratch, _ count: Int, _ kernels: KernelTable
  ) {
    guard let tile = kernels.tiles[panel.columns - 1] else { return assertionFailure("panels fit the tiles") }
    let inputs = configuration.inputChannels
    for position in 0..<36 {
      var operands = TileOperands(
        taps: scratch.taps + position * scratch.tiles, tapStride: 0, positions: 1, depth: inputs,
        weights: packed.weights(panel) + position * inputs * panel.channels, bias: packed.zeros,
        activation: .none, residual: nil, residualStride: 0, addsBeforeActivation: false,
        output: scratch.products + position * scratch.tiles * panel.channels, outputStride: panel.channels)
      tile.run(&operands, (count + tile.rows - 1) / tile.rows)
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
        height: min(4, output.shape.height - place.y), width: min(4, output.shape.width - place.x))
      restore(&target)
    }
  }

  /// Whether two pixels next to each other are the same: then some of the tile's outputs may have a neighbourhood that
  /// occurs at other places of the grid, and equal neighbourhoods must give equal outputs.
  private func hasEqualNeighbours(_ pixels: TapGeometry.Taps) -> Bool {
    let byteCount = configuration.inputChannels * MemoryLayout<Float>.stride
    func areEqual(_ a: Int, _ b: Int) -> Bool {
      let (a, b) = (pixels[a], pixels[b])
      return a != b && a.load(as: Float.self) == b.load(as: Float.self) && memcmp(a, b, byteCount) == 0
    }
    for row in 0..<6 {
      for column in 0..<6 {
        let pixel = 6 * row + column
        if column < 5, areEqual(pixel, pixel + 1) { return true }
        if row < 5, areEqual(pixel, pixel + 6) { return true }
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
    let (height, width) = (min(4, output.shape.height - place.y), min(4, output.shape.width - place.x))
    for row in 0..<height {
      for position in 0..<9 {
        for column in 0..<width {
          tiles.taps[position * tiles.tapStride + column] =
            scratch.pixels[
              (row + position / 3) * 6 + column + position % 3]
        }
      }
      let pixel = (place.batch * output.shape.height + place.y + row) * output.shape.width + place.x
      for panel in direct.panels[range] {
        guard let tile = kernels.tiles[panel.columns - 1] else { return assertionFailure("panels fit the tiles") }
        let part = TilePart(
          pixel: 0, rows: width, tileRows: tile.rows, channels: panel.channels, width: panel.channels)
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

  /// The 6×6 pixels that a tile reads, zeros outside of the input.
  private func fillTaps(_ taps: TapGeometry.Taps, _ place: WinogradGrid.Place, _ input: TensorView) {
    let (height, width) = (input.shape.height, input.shape.width)
    let (top, left) = (place.y - configuration.padding, place.x - configuration.padding)
    let pixelBytes = input.pixelStride * input.format.byteCount
    let zeros = UnsafeRawPointer(packed.zeros)
    for row in 0..<6 {
      let y = top + row
      let line = input.address((place.batch * height + max(0, min(y, height - 1))) * width)
      for column in 0..<6 {
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
  }

  let count: Int
  private let rows: Int
  private let columns: Int

  init(_ output: Shape) {
    rows = (output.height + 3) / 4
    columns = (output.width + 3) / 4
    count = output.batch * rows * columns
  }

  subscript(tile: Int) -> Place {
    Place(batch: tile / (rows * columns), y: tile / columns % rows * 4, x: tile % columns * 4)
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
