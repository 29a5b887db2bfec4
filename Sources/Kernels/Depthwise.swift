/// The operands of a depthwise convolution of neighbouring rows of outputs, for a range of channels.
public struct DepthwiseOperands {
  /// The first pixels of the input rows, nil for rows outside of the input. Output row `r` reads at kernel row `k` the
  /// input row `r * rowStep + k`. The rows after the last one, as many as a tile has rows of outputs times `rowStep`,
  /// may be prefetched; they may be nil.
  public var rows: UnsafePointer<UnsafeRawPointer?>
  /// Input rows from one output row to the next.
  public var rowStep: Int
  /// Pixels of an input row.
  public var inputWidth: Int
  /// Floats from one pixel of the input to the next.
  public var inputStride: Int
  /// What pixels outside of the input read: `endChannel` zeros.
  public var zeros: UnsafeRawPointer
  /// Rows of the kernel.
  public var kernelHeight: Int
  /// Columns of the kernel.
  public var kernelWidth: Int
  /// Input columns from one output column to the next.
  public var columnStep: Int
  /// Input columns from one column of the kernel to the next.
  public var dilation: Int
  /// Columns of zeros to the left of the input.
  public var padding: Int
  /// `[kernelHeight][kernelWidth][weightStride]`; all of it may be read.
  public var weights: UnsafePointer<Float>
  /// Floats from one kernel position to the next: all channels, rounded up to whole vectors.
  public var weightStride: Int
  /// `[weightStride]`.
  public var bias: UnsafePointer<Float>
  /// The first channel to compute, a multiple of the lanes.
  public var firstChannel: Int
  /// The end of the channels to compute. Unless it is a multiple of the lanes, these are the last channels.
  public var endChannel: Int
  /// Applied to the sum with its bias.
  public var activation: Activation
  /// The first pixel of the first row of a map that is added to the result, or nil; may be the output.
  public var residual: UnsafePointer<Float>?
  /// Floats from one pixel of the residual to the next.
  public var residualStride: Int
  /// Whether the residual is added before the activation rather than after it.
  public var addsBeforeActivation: Bool
  /// The first pixel of the first output row.
  public var output: UnsafeMutablePointer<Float>
  /// Floats from one pixel of the output to the next.
  public var outputStride: Int
  /// Pixels of an output row.
  public var outputWidth: Int
  /// The output rows to compute.
  public var outputRows: Int
  /// Whether the input is larger than the caches, so that the rows below are prefetched.
  public var prefetches: Bool
  /// Scratch memory for `kernelHeight * kernelWidth` addresses for each pixel of a tile.
  public var taps: UnsafeMutablePointer<UnsafeRawPointer>

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    rows: UnsafePointer<UnsafeRawPointer?>, rowStep: Int, inputWidth: Int, inputStride: Int, zeros: UnsafeRawPointer,
    kernelHeight: Int, kernelWidth: Int, columnStep: Int, dilation: Int, padding: Int,
    weights: UnsafePointer<Float>, weightStride: Int, bias: UnsafePointer<Float>, firstChannel: Int,
    endChannel: Int, activation: Activation, residual: UnsafePointer<Float>?, residualStride: Int,
    addsBeforeActivation: Bool, output: UnsafeMutablePointer<Float>, outputStride: Int, outputWidth: Int,
    outputRows: Int, prefetches: Bool, taps: UnsafeMutablePointer<UnsafeRawPointer>
  ) {
    self.rows = rows
    self.rowStep = rowStep
    self.inputWidth = inputWidth
    self.inputStride = inputStride
    self.zeros = zeros
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.columnStep = columnStep
    self.dilation = dilation
    self.padding = padding
    self.weights = weights
    self.weightStride = weightStride
    self.bias = bias
    self.firstChannel = firstChannel
    self.endChannel = endChannel
    self.activation = activation
    self.residual = residual
    self.residualStride = residualStride
    self.addsBeforeActivation = addsBeforeActivation
    self.output = output
    self.outputStride = outputStride
    self.outputWidth = outputWidth
    self.outputRows = outputRows
    self.prefetches = prefetches
    self.taps = taps
  }
}

/// A depthwise convolution as an entry of a table.
public struct DepthwiseKernel: Sendable {
  /// Output rows per tile.
  public let rows: Int
  /// Output columns per tile.
  public let columns: Int
  /// Computes rows of outputs.
  public let run: @Sendable (_ operands: UnsafePointer<DepthwiseOperands>) -> Void

  /// Makes an entry.
  @inlinable @inline(__always)
  public init(rows: Int, columns: Int, run: @escaping @Sendable (UnsafePointer<DepthwiseOperands>) -> Void) {
    self.rows = rows
    self.columns = columns
    self.run = run
  }
}

/// A depthwise convolution on tiles of `rows` by `columns` output pixels and one vector of channels.
///
/// Every output is summed in the order of the kernel's positions, whichever tile computes it.
public struct Depthwise<ISA: InstructionSet, let rows: Int, let columns: Int> {
  /// Computes `operands.outputRows` rows.
  @inlinable @inline(__always)
  public static func run(_ operands: DepthwiseOperands) {
    if slides(operands, 3, 1) {
      slide(operands, DepthwiseTile<ISA, rows, columns, 3, 1>.self, DepthwiseTile<ISA, 1, columns, 3, 1>.self)
    } else if slides(operands, 3, 2) {
      slide(operands, DepthwiseTile<ISA, rows, columns, 3, 2>.self, DepthwiseTile<ISA, 1, columns, 3, 2>.self)
    } else if slides(operands, 5, 1) {
      slide(operands, DepthwiseTile<ISA, 1, columns, 5, 1>.self, DepthwiseTile<ISA, 1, columns, 5, 1>.self)
    } else if slides(operands, 5, 2) {
      slide(operands, DepthwiseTile<ISA, 1, columns, 5, 2>.self, DepthwiseTile<ISA, 1, columns, 5, 2>.self)
    } else {
      for row in 0..<operands.outputRows {
        DepthwiseTile<ISA, 1, columns, 1, 1>.runAnyKernel(operands, row)
      }
    }
  }

  /// Computes all rows by tiles that slide, the last rows by lower ones.
  @inlinable @inline(__always)
  static func slide<let height: Int, let size: Int, let step: Int>(
    _ operands: DepthwiseOperands, _ tile: DepthwiseTile<ISA, height, columns, size, step>.Type,
    _ last: DepthwiseTile<ISA, 1, columns, size, step>.Type
  ) {
    var row = 0
    while row &+ height <= operands.outputRows {
      tile.run(operands, row)
      row &+= height
    }
    while row < operands.outputRows {
      last.run(operands, row)
      row &+= 1
    }
  }

  /// Whether the kernel has that size and stride and no dilation.
  @inlinable @inline(__always)
  static func slides(_ operands: DepthwiseOperands, _ size: Int, _ step: Int) -> Bool {
    operands.kernelHeight == size && operands.kernelWidth == size && operands.columnStep == step
      && operands.rowStep == step && operands.dilation == 1
  }

  /// This kernel as an entry of a table.
  @inlinable @inline(__always)
  public static var kernel: DepthwiseKernel {
    .init(rows: rows, columns: columns) { run($0.pointee) }
  }
}

extension DepthwiseOperands {
  /// The address of a pixel of an input row, or of the zeros outside of the input.
  @inlinable @inline(__always)
  func pixel(_ line: UnsafeRawPointer?, _ x: Int) -> UnsafeRawPointer {
    guard let line, x >= 0, x < inputWidth else { return zeros }
    return line + 4 &* x &* inputStride
  }
}

/// How a tile finds the pixels of the input that it reads.
@usableFromInline
protocol DepthwisePixels {
  /// The address of a pixel, by its row and column in the tile.
  func address(_ row: Int, _ column: Int) -> UnsafeRawPointer
}

/// Pixels that may lie outside of the input: a table of addresses.
@usableFromInline
struct TabledPixels: DepthwisePixels {
  @usableFromInline let taps: UnsafePointer<UnsafeRawPointer>
  @usableFromInline let width: Int

  @inlinable @inline(__always)
  init(_ taps: UnsafePointer<UnsafeRawPointer>, _ width: Int) {
    self.taps = taps
    self.width = width
  }

  @inlinable @inline(__always)
  func address(_ row: Int, _ column: Int) -> UnsafeRawPointer { taps[row &* width &+ column] }
}

/// Pixels inside of the input.
@usableFromInline
struct GridPixels: DepthwisePixels {
  @usableFromInline var lines: InlineArray<8, UnsafeRawPointer>
  @usableFromInline let pixelBytes: Int

  @inlinable @inline(__always)
  init(_ lines: InlineArray<8, UnsafeRawPointer>, _ pixelBytes: Int) {
    self.lines = lines
    self.pixelBytes = pixelBytes
  }

  @inlinable @inline(__always)
  func address(_ row: Int, _ column: Int) -> UnsafeRawPointer { lines[unchecked: row] + column &* pixelBytes }
}

/// How many of a vector's channels exist.
@usableFromInline
protocol ChannelAccess<ISA> {
  associatedtype ISA: InstructionSet
  static func load(_ pointer: UnsafeRawPointer, _ count: Int) -> ISA.Vector
  static func store(_ vector: ISA.Vector, _ pointer: UnsafeMutableRawPointer, _ count: Int)
}

@usableFromInline
enum AllChannels<ISA: InstructionSet>: ChannelAccess {
  @inlinable @inline(__always)
  static func load(_ pointer: UnsafeRawPointer, _ count: Int) -> ISA.Vector { ISA.load(pointer, 0) }
  @inlinable @inline(__always)
  static func store(_ vector: ISA.Vector, _ pointer: UnsafeMutableRawPointer, _ count: Int) {
    ISA.store(vector, pointer, 0)
  }
}

@usableFromInline
enum FirstChannels<ISA: InstructionSet>: ChannelAccess {
  @inlinable @inline(__always)
  static func load(_ pointer: UnsafeRawPointer, _ count: Int) -> ISA.Vector { ISA.load(pointer, first: count) }
  @inlinable @inline(__always)
  static func store(_ vector: ISA.Vector, _ pointer: UnsafeMutableRawPointer, _ count: Int) {
    ISA.store(vector, pointer, first: count)
  }
}

/// Tiles of a depthwise convolution with a kernel of `size` × `size` and the stride `step`: each input pixel of a tile
/// is loaded once and multiplied by the weights of all outputs that it belongs to.
@usableFromInline
struct DepthwiseTile<ISA: InstructionSet, let rows: Int, let columns: Int, let size: Int, let step: Int> {
  @usableFromInline typealias Sums = Tile<ISA, rows, columns>.Sums

  /// Computes `rows` rows of outputs from the given one on.
  @inlinable @inline(__always)
  static func run(_ operands: DepthwiseOperands, _ row: Int) {
    let (channel, end) = (operands.firstChannel, operands.endChannel)
    let (height, width) = ((rows &- 1) &* step &+ size, (columns &- 1) &* step &+ size)
    let whole = channel &+ (end &- channel) / ISA.lanes &* ISA.lanes
    var lines = InlineArray<8, UnsafeRawPointer>(repeating: operands.zeros)
    var isInside = true
    for iy in 0..<height {
      if let line = operands.rows[row &* step &+ iy] { lines[unchecked: iy] = line } else { isInside = false }
    }
    // The tiles in the middle read no column outside of the input.
    let before = (operands.padding &+ step &- 1) / step
    let after = (operands.inputWidth &+ operands.padding &- width) / step
    let first = (before &+ columns &- 1) / columns
    let last = after < 0 ? 0 : min(after / columns &+ 1, operands.outputWidth / columns)
    let middle = isInside && first < last ? first..<last : 0..<0
    var x = 0
    while x < operands.outputWidth {
      if x == middle.lowerBound &* columns, !middle.isEmpty {
        alongRow(operands, lines, row, middle, channel, whole)
        if whole < end {
          for tile in middle {
            let pixels = grid(operands, lines, tile &* columns)
            lastChannels(operands, pixels, row &* operands.outputWidth &+ tile &* columns, columns, whole)
          }
        }
        x = middle.upperBound &* columns
      } else {
        for iy in 0..<height {
          let line = operands.rows[row &* step &+ iy]
          for ix in 0..<width {
            operands.taps[iy &* width &+ ix] = operands.pixel(line, x &* step &- operands.padding &+ ix)
          }
        }
        let count = min(columns, operands.outputWidth &- x)
        let pixels = TabledPixels(operands.taps, width)
        overVectors(operands, pixels, row &* operands.outputWidth &+ x, count, channel, whole)
        if whole < end { lastChannels(operands, pixels, row &* operands.outputWidth &+ x, count, whole) }
        x &+= columns
      }
    }
  }

  /// The pixels that the tile at output column `x` reads.
  @inlinable @inline(__always)
  static func grid(
    _ operands: DepthwiseOperands, _ lines: InlineArray<8, UnsafeRawPointer>, _ x: Int
  ) -> GridPixels {
    let pixelBytes = 4 &* operands.inputStride
    var moved = lines
    for iy in 0..<(rows &- 1) &* step &+ size {
      moved[unchecked: iy] = lines[unchecked: iy] + (x &* step &- operands.padding) &* pixelBytes
    }
    return GridPixels(moved, pixelBytes)
  }

  // These three are not inlined: a function that grew by all of them would no longer inline what they call.

  /// Computes whole vectors of channels of the tiles in the middle of a row.
  @inlinable @inline(never)
  static func alongRow(
    _ operands: DepthwiseOperands, _ lines: InlineArray<8, UnsafeRawPointer>, _ row: Int, _ tiles: Range<Int>,
    _ channel: Int, _ end: Int
  ) {
    for tile in tiles {
      let pixels = grid(operands, lines, tile &* columns)
      let pixel = row &* operands.outputWidth &+ tile &* columns
      var vector = channel
      while vector < end {
        if operands.prefetches { prefetch(operands, row, tile, vector) }
        let sums = sums(operands, pixels, vector, ISA.lanes, AllChannels<ISA>.self)
        finish(sums, operands, pixel, vector, columns, ISA.lanes, AllChannels<ISA>.self)
        vector &+= ISA.lanes
      }
    }
  }

  /// Prefetches one vector of channels of the pixels that the tile below reads, and of those that the next tile writes.
  @inlinable @inline(__always)
  static func prefetch(_ operands: DepthwiseOperands, _ row: Int, _ tile: Int, _ channel: Int) {
    let below = row &* step &+ (rows &- 1) &* step &+ size
    for ahead in 0..<rows &* step {
      guard let line = operands.rows[below &+ ahead] else { continue }
      let first = line + 4 &* (tile &* columns &* step &* operands.inputStride &+ channel)
      for column in 0..<columns &* step { ISA.prefetch(first + 4 &* column &* operands.inputStride) }
    }
    for ahead in 0..<rows {
      let pixel = (row &+ ahead) &* operands.outputWidth &+ (tile &+ 1) &* columns
      let first = UnsafeRawPointer(operands.output) + 4 &* (pixel &* operands.outputStride &+ channel)
      for column in 0..<columns { ISA.prefetch(first + 4 &* column &* operands.outputStride) }
    }
  }

  /// Computes whole vectors of channels of one tile and writes `count` of its columns.
  @inlinable @inline(never)
  static func overVectors(
    _ operands: DepthwiseOperands, _ pixels: TabledPixels, _ pixel: Int, _ count: Int, _ first: Int, _ end: Int
  ) {
    var channel = first
    while channel < end {
      let sums = sums(operands, pixels, channel, ISA.lanes, AllChannels<ISA>.self)
      finish(sums, operands, pixel, channel, count, ISA.lanes, AllChannels<ISA>.self)
      channel &+= ISA.lanes
    }
  }

  /// Computes the last channels of one tile, which are no whole vector, by parts of vectors.
  @inlinable @inline(never)
  static func lastChannels<Pixels: DepthwisePixels>(
    _ operands: DepthwiseOperands, _ pixels: Pixels, _ pixel: Int, _ count: Int, _ channel: Int
  ) {
    let rest = operands.endChannel &- channel
    let sums = sums(operands, pixels, channel, rest, FirstChannels<ISA>.self)
    finish(sums, operands, pixel, channel, count, rest, FirstChannels<ISA>.self)
  }

  /// The sums of one vector of channels.
  @inlinable @inline(__always)
  static func sums<Pixels: DepthwisePixels, Access: ChannelAccess<ISA>>(
    _ operands: DepthwiseOperands, _ pixels: Pixels, _ channel: Int, _ channels: Int, _ access: Access.Type
  ) -> Sums {
    let (height, width) = ((rows &- 1) &* step &+ size, (columns &- 1) &* step &+ size)
    var sums = Sums(repeating: .init(repeating: ISA.load(operands.bias + channel)))
    for iy in 0..<height {
      var weights = InlineArray<rows, InlineArray<size, ISA.Vector>>(repeating: .init(repeating: .zero))
      for row in 0..<rows where reads(iy, row) {
        for kx in 0..<size {
          weights[unchecked: row][unchecked: kx] = ISA.load(
            operands.weights + (((iy &- row &* step) &* size &+ kx) &* operands.weightStride &+ channel))
        }
      }
      for ix in 0..<width {
        let value = Access.load(pixels.address(iy, ix) + 4 &* channel, channels)
        for row in 0..<rows where reads(iy, row) {
          for kx in 0..<size {
            guard let column = column(ix, kx) else { continue }
            sums[unchecked: row][unchecked: column] = ISA.multiplyAdd(
              value, weights[unchecked: row][unchecked: kx], sums[unchecked: row][unchecked: column])
          }
        }
      }
    }
    return sums
  }

  /// Whether a row of outputs reads the given row of inputs.
  @inlinable @inline(__always)
  static func reads(_ iy: Int, _ row: Int) -> Bool { UInt(bitPattern: iy &- row &* step) < UInt(bitPattern: size) }

  /// The column of outputs that reads the given column of inputs at the given column of the kernel.
  @inlinable @inline(__always)
  static func column(_ ix: Int, _ kx: Int) -> Int? {
    let column = UInt(bitPattern: ix &- kx) / UInt(bitPattern: step)
    return column < UInt(bitPattern: columns) && column &* UInt(bitPattern: step) == UInt(bitPattern: ix &- kx)
      ? Int(bitPattern: column) : nil
  }

  /// Applies residual and activation to the sums of one vector of channels and writes `count` columns of them.
  @inlinable @inline(__always)
  static func finish<Access: ChannelAccess<ISA>>(
    _ sums: Sums, _ operands: DepthwiseOperands, _ pixel: Int, _ channel: Int, _ count: Int, _ channels: Int,
    _ access: Access.Type
  ) {
    var sums = sums
    if operands.addsBeforeActivation { add(operands, pixel, channel, count, channels, to: &sums, access) }
    Tile<ISA, rows, columns>.activate(&sums, operands.activation)
    if !operands.addsBeforeActivation { add(operands, pixel, channel, count, channels, to: &sums, access) }
    for row in 0..<rows {
      let line = operands.output + ((pixel &+ row &* operands.outputWidth) &* operands.outputStride &+ channel)
      for column in 0..<columns where column < count {
        Access.store(sums[unchecked: row][unchecked: column], line + column &* operands.outputStride, channels)
      }
    }
  }

  @inlinable @inline(__always)
  static func add<Access: ChannelAccess<ISA>>(
    _ operands: DepthwiseOperands, _ pixel: Int, _ channel: Int, _ count: Int, _ channels: Int, to sums: inout Sums,
    _ access: Access.Type
  ) {
    guard let residual = operands.residual else { return }
    for row in 0..<rows {
      let line = residual + ((pixel &+ row &* operands.outputWidth) &* operands.residualStride &+ channel)
      for column in 0..<columns where column < count {
        sums[unchecked: row][unchecked: column] += Access.load(line + column &* operands.residualStride, channels)
      }
    }
  }

  /// Computes one row with a kernel of any size, stride and dilation: an address is read for every product.
  @inlinable @inline(never)
  static func runAnyKernel(_ operands: DepthwiseOperands, _ row: Int) {
    var x = 0
    while x < operands.outputWidth {
      var taps = operands.taps
      for ky in 0..<operands.kernelHeight {
        let line = operands.rows[row &* operands.rowStep &+ ky]
        for kx in 0..<operands.kernelWidth {
          for column in 0..<columns {
            taps[column] = operands.pixel(
              line, (x &+ column) &* operands.columnStep &- operands.padding &+ kx &* operands.dilation)
          }
          taps += columns
        }
      }
      let count = min(columns, operands.outputWidth &- x)
      let pixel = row &* operands.outputWidth &+ x
      var channel = operands.firstChannel
      while channel &+ ISA.lanes <= operands.endChannel {
        let sums = sumsOfTaps(operands, channel, ISA.lanes, AllChannels<ISA>.self)
        finish(sums, operands, pixel, channel, count, ISA.lanes, AllChannels<ISA>.self)
        channel &+= ISA.lanes
      }
      if channel < operands.endChannel { lastChannelsOfTaps(operands, pixel, count, channel) }
      x &+= columns
    }
  }

  @inlinable @inline(never)
  static func lastChannelsOfTaps(_ operands: DepthwiseOperands, _ pixel: Int, _ count: Int, _ channel: Int) {
    let rest = operands.endChannel &- channel
    let sums = sumsOfTaps(operands, channel, rest, FirstChannels<ISA>.self)
    finish(sums, operands, pixel, channel, count, rest, FirstChannels<ISA>.self)
  }

  /// The sums of one vector of channels for a kernel of any size.
  @inlinable @inline(__always)
  static func sumsOfTaps<Access: ChannelAccess<ISA>>(
    _ operands: DepthwiseOperands, _ channel: Int, _ channels: Int, _ access: Access.Type
  ) -> Sums {
    var sums = Sums(repeating: .init(repeating: ISA.load(operands.bias + channel)))
    var taps = UnsafePointer(operands.taps)
    var weights = operands.weights + channel
    for _ in 0..<operands.kernelHeight &* operands.kernelWidth {
      let weight = ISA.load(weights)
      for column in 0..<columns {
        sums[unchecked: 0][unchecked: column] = ISA.multiplyAdd(
          Access.load(taps[column] + 4 &* channel, channels), weight, sums[unchecked: 0][unchecked: column])
      }
      taps += columns
      weights += operands.weightStride
    }
    return sums
  }
}
