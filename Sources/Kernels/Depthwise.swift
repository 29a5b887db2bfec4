/// The operands of a depthwise convolution of a few neighbouring rows of outputs.
public struct DepthwiseOperands {
  /// The first pixels of the input rows, nil for rows outside of the input. Output row `r` reads at kernel row `k` the
  /// input row `r * rowStep + k`.
  public var rows: UnsafePointer<UnsafeRawPointer?>
  /// Input rows from one output row to the next.
  public var rowStep: Int
  /// Pixels of an input row.
  public var inputWidth: Int
  /// Floats from one pixel of the input to the next.
  public var inputStride: Int
  /// What pixels outside of the input read: `channels` zeros.
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
  /// Floats from one kernel position to the next: `channels`, rounded up to whole vectors.
  public var weightStride: Int
  /// `[weightStride]`.
  public var bias: UnsafePointer<Float>
  /// Channels of the input and of the output.
  public var channels: Int
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
  /// Pixels from one output row to the next.
  public var outputWidth: Int
  /// The first output column to compute.
  public var firstColumn: Int
  /// The end of the output columns to compute.
  public var endColumn: Int
  /// The output rows to compute.
  public var outputRows: Int
  /// Scratch memory for `kernelHeight * kernelWidth` addresses for each pixel of a tile.
  public var taps: UnsafeMutablePointer<UnsafeRawPointer>

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    rows: UnsafePointer<UnsafeRawPointer?>, rowStep: Int, inputWidth: Int, inputStride: Int, zeros: UnsafeRawPointer,
    kernelHeight: Int, kernelWidth: Int, columnStep: Int, dilation: Int, padding: Int,
    weights: UnsafePointer<Float>, weightStride: Int, bias: UnsafePointer<Float>, channels: Int,
    activation: Activation, residual: UnsafePointer<Float>?, residualStride: Int, addsBeforeActivation: Bool,
    output: UnsafeMutablePointer<Float>, outputStride: Int, outputWidth: Int, firstColumn: Int, endColumn: Int,
    outputRows: Int, taps: UnsafeMutablePointer<UnsafeRawPointer>
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
    self.channels = channels
    self.activation = activation
    self.residual = residual
    self.residualStride = residualStride
    self.addsBeforeActivation = addsBeforeActivation
    self.output = output
    self.outputStride = outputStride
    self.outputWidth = outputWidth
    self.firstColumn = firstColumn
    self.endColumn = endColumn
    self.outputRows = outputRows
    self.taps = taps
  }
}

/// A depthwise convolution on tiles of `rows` by `columns` output pixels and one vector of channels.
///
/// Every output is summed in the order of the kernel's positions, whichever tile computes it.
public struct Depthwise<ISA: InstructionSet, let rows: Int, let columns: Int> {
  /// Computes `operands.outputRows` rows, at most `rows`.
  @inlinable @inline(__always)
  public static func run(_ operands: DepthwiseOperands) {
    if operands.outputRows == rows, slides(operands, 3, 1) {
      DepthwiseTile<ISA, rows, columns, 3, 1>.run(operands, 0)
    } else if operands.outputRows == rows, slides(operands, 3, 2) {
      DepthwiseTile<ISA, rows, columns, 3, 2>.run(operands, 0)
    } else {
      for row in 0..<operands.outputRows {
        if slides(operands, 3, 1) {
          DepthwiseTile<ISA, 1, columns, 3, 1>.run(operands, row)
        } else if slides(operands, 3, 2) {
          DepthwiseTile<ISA, 1, columns, 3, 2>.run(operands, row)
        } else if slides(operands, 5, 1) {
          DepthwiseTile<ISA, 1, columns, 5, 1>.run(operands, row)
        } else if slides(operands, 5, 2) {
          DepthwiseTile<ISA, 1, columns, 5, 2>.run(operands, row)
        } else {
          DepthwiseTile<ISA, 1, columns, 1, 1>.runAnyKernel(operands, row)
        }
      }
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
  public static var kernel: KernelTable.DepthwiseKernel {
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
    let (height, width) = ((rows &- 1) &* step &+ size, (columns &- 1) &* step &+ size)
    var lines = InlineArray<8, UnsafeRawPointer>(repeating: operands.zeros)
    var isInside = true
    for iy in 0..<height {
      if let line = operands.rows[row &* step &+ iy] { lines[unchecked: iy] = line } else { isInside = false }
    }
    let pixelBytes = 4 &* operands.inputStride
    var x = operands.firstColumn
    while x < operands.endColumn {
      let count = min(columns, operands.endColumn &- x)
      let first = x &* step &- operands.padding
      let pixel = row &* operands.outputWidth &+ x
      if isInside, first >= 0, first &+ width <= operands.inputWidth {
        var moved = lines
        for iy in 0..<height { moved[unchecked: iy] = lines[unchecked: iy] + first &* pixelBytes }
        overChannels(operands, GridPixels(moved, pixelBytes), pixel, count)
      } else {
        for iy in 0..<height {
          let line = operands.rows[row &* step &+ iy]
          for ix in 0..<width { operands.taps[iy &* width &+ ix] = operands.pixel(line, first &+ ix) }
        }
        overChannels(operands, TabledPixels(operands.taps, width), pixel, count)
      }
      x &+= columns
    }
  }

  /// Computes a tile for all channels and writes `count` of its columns. The last channels, where they are no whole
  /// vector, are read and written by parts of vectors.
  @inlinable @inline(__always)
  static func overChannels<Pixels: DepthwisePixels>(
    _ operands: DepthwiseOperands, _ pixels: Pixels, _ pixel: Int, _ count: Int
  ) {
    let whole = operands.channels / ISA.lanes &* ISA.lanes
    overVectors(operands, pixels, pixel, count, whole)
    if whole < operands.channels { lastChannels(operands, pixels, pixel, count, whole) }
  }

  // Not inlined: a function that grew by both would no longer inline what they call.
  @inlinable @inline(never)
  static func overVectors<Pixels: DepthwisePixels>(
    _ operands: DepthwiseOperands, _ pixels: Pixels, _ pixel: Int, _ count: Int, _ end: Int
  ) {
    var channel = 0
    while channel < end {
      let sums = sums(operands, pixels, channel, ISA.lanes, AllChannels<ISA>.self)
      finish(sums, operands, pixel, channel, count, ISA.lanes, AllChannels<ISA>.self)
      channel &+= ISA.lanes
    }
  }

  @inlinable @inline(never)
  static func lastChannels<Pixels: DepthwisePixels>(
    _ operands: DepthwiseOperands, _ pixels: Pixels, _ pixel: Int, _ count: Int, _ channel: Int
  ) {
    let rest = operands.channels &- channel
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
    var x = operands.firstColumn
    while x < operands.endColumn {
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
      let count = min(columns, operands.endColumn &- x)
      let pixel = row &* operands.outputWidth &+ x
      var channel = 0
      while channel &+ ISA.lanes <= operands.channels {
        finish(
          sumsOfTaps(operands, channel, ISA.lanes, AllChannels<ISA>.self), operands, pixel, channel, count,
          ISA.lanes, AllChannels<ISA>.self)
        channel &+= ISA.lanes
      }
      let rest = operands.channels &- channel
      if rest > 0 {
        finish(
          sumsOfTaps(operands, channel, rest, FirstChannels<ISA>.self), operands, pixel, channel, count, rest,
          FirstChannels<ISA>.self)
      }
      x &+= columns
    }
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
