import Kernels

/// The tiles of 4×4 or 6×6 that cover an output.
struct WinogradGrid: Sendable {
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

  /// Tiles of the output.
  let count: Int
  /// Rows and columns of a tile, in outputs.
  let tile: Int
  /// Rows of the lowest tiles.
  let lastHeight: Int
  /// Columns of the rightmost tiles.
  let lastWidth: Int
  private let rows: Int
  private let columns: Int

  /// Rows and columns of a transformed tile.
  var points: Int { tile + 2 }
  /// Products of a tile.
  var products: Int { points * points }

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
struct WinogradRows {
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

extension WinogradGrid.Place {
  /// Fills in the addresses of the pixels that the tile reads, `rowStride` to a row; outside of the input that of zeros.
  func fillTaps(
    _ taps: TapGeometry.Taps, _ window: Window, _ input: TensorView, rows: Int, columns: Int, rowStride: Int,
    outside zeros: UnsafeRawPointer
  ) {
    let (height, width) = (input.shape.height, input.shape.width)
    let (top, left) = (y * window.stride.height - window.padding.height, x * window.stride.width - window.padding.width)
    let pixelBytes = input.pixelStride * input.format.byteCount
    for row in 0..<rows {
      let y = top + row
      let line = input.address((batch * height + max(0, min(y, height - 1))) * width)
      for column in 0..<columns {
        let x = left + column
        let isInside = y >= 0 && y < height && x >= 0 && x < width
        taps[row * rowStride + column] = isInside ? UnsafeRawPointer(line + x * pixelBytes) : zeros
      }
    }
  }
}

extension WinogradOutput {
  /// The operands of a tile's output transform.
  init(
    _ c: Convolution.Configuration, _ panel: Panel, _ bias: UnsafePointer<Float>, _ products: UnsafePointer<Float>,
    productStride: Int, _ place: WinogradGrid.Place, _ output: TensorView, _ residual: TensorView?
  ) {
    let pixel = (place.batch * output.shape.height + place.y) * output.shape.width + place.x
    self.init(
      products: products, productStride: productStride, bias: bias, channels: panel.channels,
      activation: c.activation, residual: residual.map { UnsafeRawPointer($0.slice(pixel, panel.channel).start) },
      residualPixel: residual?.pixelStride ?? 0, residualRow: (residual?.pixelStride ?? 0) * output.shape.width,
      addsBeforeActivation: c.addsBeforeActivation, output: output.slice(pixel, panel.channel).start,
      outputPixel: output.pixelStride, outputRow: output.pixelStride * output.shape.width, height: place.height,
      width: place.width)
  }
}
