import Kernels

/// A convolution of each channel by itself, on maps of floats: groups, inputs and outputs are equally many.
///
/// Matches PyTorch's `Conv2d` with `groups == in_channels == out_channels`. Kernels of 3×3 and 5×5 with stride 1 or 2
/// and no dilation slide over tiles of several outputs, so that an input is loaded once for all of them; other kernels
/// load it for every product.
struct DepthwiseConvolution: Sendable {
  private let channels: Int
  private let window: Window
  private let activation: Activation
  private let addsBeforeActivation: Bool
  private let engine: Engine
  /// `[positions][vectors * lanes]` weights, then as many biases as a position has weights, then as many zeros.
  private let packed: AlignedBuffer

  /// Packs the weights.
  ///
  /// - Parameters:
  ///   - weights: `[channels][1][window.kernel.height][window.kernel.width]`, as PyTorch stores them.
  ///   - bias: `[channels]`, or nil for zeros.
  init(
    channels: Int, _ window: Window, activation: Activation = .none, addsBeforeActivation: Bool = false,
    weights: [Float], bias: [Float]?, engine: Engine
  ) {
    self.channels = channels
    self.window = window
    self.activation = activation
    self.addsBeforeActivation = addsBeforeActivation
    self.engine = engine
    let positions = window.positions
    assert(weights.count == channels * positions && (bias == nil || bias?.count == channels))
    let width = Self.padded(channels, engine)
    packed = AlignedBuffer(floats: (positions + 2) * width)
    let base = packed.floats
    base.initialize(repeating: 0, count: (positions + 2) * width)
    for channel in 0..<channels {
      for position in 0..<positions { base[position * width + channel] = weights[channel * positions + position] }
      if let bias { base[positions * width + channel] = bias[channel] }
    }
  }

  /// The number of channels, rounded up to whole vectors.
  private static func padded(_ channels: Int, _ engine: Engine) -> Int {
    (channels + engine.lanes - 1) / engine.lanes * engine.lanes
  }

  /// The shape of the output, for an input shape that fits; an extent of 0 where the kernel does not fit.
  func outputShape(of input: Shape) -> Shape {
    let size = window.outputSize(height: input.height, width: input.width)
    return Shape(batch: input.batch, height: size.height, width: size.width, channels: channels)
  }

  /// Convolves `input` and writes to `output`, which may be a slice of channels. `residual` may be `output` itself.
  func callAsFunction(
    _ input: TensorView, into output: TensorView, adding residual: TensorView? = nil, _ workspace: Workspace
  ) {
    assert(input.shape.channels == channels && output.shape == outputShape(of: input.shape))
    assert(residual == nil || residual?.shape == output.shape)
    assert(input.format.kind == .float32 && output.format.kind == .float32)
    assert(workspace.kernels === engine.kernels, "weights are packed for one level")
    let tile = workspace.kernels.depthwise
    // Rows that are computed together read neighbouring rows of the input.
    let rowsAtOnce = window.dilation.height == 1 ? tile.rows : 1
    let lines = (rowsAtOnce - 1) * window.stride.height + window.kernel.height
    let groups = (output.shape.height + rowsAtOnce - 1) / rowsAtOnce
    let units = output.shape.batch * groups
    // A map of few rows is divided by columns too.
    let wanted = units < 2 * workspace.engine.threads ? 2 * workspace.engine.threads / units : 1
    let run = max((output.shape.width + wanted - 1) / wanted, 8 * tile.columns)
    let runs = (output.shape.width + run - 1) / run
    workspace.arena.scope {
      let scratches = workspace.perWorker {
        Scratch(
          rows: workspace.arena.values(count: lines) { _ in nil },
          taps: TapGeometry.table(window.positions * tile.rows * tile.columns, workspace))
      }
      workspace.parallel(units * runs) { worker, unit in
        let first = unit / runs % groups * rowsAtOnce
        let rows = min(rowsAtOnce, output.shape.height - first)
        compute(
          batch: unit / runs / groups, first..<first + rows, from: unit % runs * run,
          count: min(run, output.shape.width - unit % runs * run), scratches[worker], input, output, residual, tile)
      }
    }
  }

  /// A worker's tables.
  private struct Scratch {
    let rows: UnsafeMutableBufferPointer<UnsafeRawPointer?>
    let taps: TapGeometry.Taps
  }

  private func compute(
    batch: Int, _ rows: Range<Int>, from column: Int, count: Int, _ scratch: Scratch, _ input: TensorView,
    _ output: TensorView, _ residual: TensorView?, _ tile: KernelTable.DepthwiseKernel
  ) {
    guard let lines = scratch.rows.baseAddress else { return }
    let top = rows.lowerBound * window.stride.height - window.padding.height
    for line in 0..<scratch.rows.count {
      let y = top + line * window.dilation.height
      let isInside = y >= 0 && y < input.shape.height
      lines[line] =
        isInside ? UnsafeRawPointer(input.pixel((batch * input.shape.height + y) * input.shape.width)) : nil
    }
    let (width, positions) = (Self.padded(channels, engine), window.positions)
    let weights = UnsafePointer(packed.floats)
    let pixel = (batch * output.shape.height + rows.lowerBound) * output.shape.width
    var operands = DepthwiseOperands(
      rows: lines, rowStep: window.stride.height, inputWidth: input.shape.width, inputStride: input.pixelStride,
      zeros: weights + (positions + 1) * width, kernelHeight: window.kernel.height,
      kernelWidth: window.kernel.width, columnStep: window.stride.width, dilation: window.dilation.width,
      padding: window.padding.width, weights: weights,
      weightStride: width, bias: weights + positions * width, channels: channels, activation: activation,
      residual: residual.map { UnsafePointer($0.pixel(pixel)) }, residualStride: residual?.pixelStride ?? 0,
      addsBeforeActivation: addsBeforeActivation, output: output.pixel(pixel), outputStride: output.pixelStride,
      outputWidth: output.shape.width, firstColumn: column, endColumn: column + count, outputRows: rows.count,
      taps: scratch.taps)
    tile.run(&operands)
  }
}
