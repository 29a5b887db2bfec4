import Kernels

/// A convolution of each channel by itself, on maps of floats: groups, inputs and outputs are equally many.
///
/// Matches PyTorch's `Conv2d` with `groups == in_channels == out_channels`. Kernels of 3×3 and 5×5 with stride 1 or 2
/// and no dilation slide over tiles of several outputs, so that an input is loaded once for all of them; other kernels
/// load it for every product.
struct DepthwiseConvolution: ConvolutionAlgorithm {
  private let channels: Int
  private let window: Window
  private let activation: Activation
  private let addsBeforeActivation: Bool
  private let engine: Engine
  /// `[positions][vectors * lanes]` weights, then as many biases as a position has weights, then as many zeros.
  private let packed: AlignedBuffer

  /// The least number of elements of an input that is prefetched: 16 MiB. Smaller maps stay in the caches, where
  /// prefetching took up to 11 % longer; see Docs/kernels.md.
  private static let prefetchedSize = 4 << 20

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

  /// Packs the weights of a layer with as many groups as input and output channels.
  init(_ layer: ConvolutionLayer) {
    let c = layer.configuration
    self.init(
      channels: c.groups, c.window, activation: c.activation, addsBeforeActivation: c.addsBeforeActivation,
      weights: layer.weights, bias: layer.bias, engine: layer.engine)
  }

  var name: String { "depthwise" }

  /// The number of channels, rounded up to whole vectors.
  private static func padded(_ channels: Int, _ engine: Engine) -> Int {
    (channels + engine.lanes - 1) / engine.lanes * engine.lanes
  }

  /// The shape of the output, for an input shape that fits; an extent of 0 where the kernel does not fit.
  func outputShape(of input: Shape) -> Shape { window.outputShape(for: input, channels: channels) }

  /// Convolves `input` and writes to `output`, which may be a slice of channels. `residual` may be `output` itself.
  func callAsFunction(
    _ input: TensorView, into output: TensorView, adding residual: TensorView?, _ workspace: Workspace
  ) {
    assert(input.shape.channels == channels && output.shape == outputShape(of: input.shape))
    assert(residual == nil || residual?.shape == output.shape)
    assert(input.format.kind == .float32 && output.format.kind == .float32)
    assert(workspace.kernels === engine.kernels, "weights are packed for one level")
    let tile = workspace.kernels.depthwise
    let parts = Parts(output.shape, tile, window, lanes: engine.lanes, threads: workspace.engine.threads)
    workspace.arena.scope {
      let scratches = workspace.perWorker {
        Scratch(
          lines: workspace.arena.values(count: parts.lines) { _ in nil },
          taps: TapGeometry.table(window.positions * tile.rows * tile.columns, workspace))
      }
      workspace.parallel(parts.count) { worker, part in
        compute(
          parts.rows(part), parts.channels(part), parts.image(part), scratches[worker], input, output, residual, tile)
      }
    }
  }

  /// The division of a map: bands of rows, and ranges of channels where there are few rows. Neighbouring rows and
  /// channels in one part share the input in the caches.
  private struct Parts {
    private let bands: Int
    private let ranges: Int
    /// Output rows in a band.
    private let band: Int
    /// Channels in a range, a multiple of the lanes.
    private let range: Int
    private let shape: Shape
    /// The input rows of a band, with those that are prefetched.
    let lines: Int

    init(_ shape: Shape, _ tile: DepthwiseKernel, _ window: Window, lanes: Int, threads: Int) {
      self.shape = shape
      let wanted = threads == 1 ? 1 : (4 * threads + shape.batch - 1) / shape.batch
      // Rows of a dilated kernel have no neighbours in common.
      let isDilated = window.dilation.height > 1
      let least = isDilated ? 1 : 4 * tile.rows
      let band = max(least, (shape.height + wanted - 1) / wanted)
      self.band = isDilated ? 1 : (band + tile.rows - 1) / tile.rows * tile.rows
      bands = (shape.height + self.band - 1) / self.band
      let vectors = (shape.channels + lanes - 1) / lanes
      let wantedRanges = max(1, min(wanted / bands, vectors / 2))
      range = (vectors + wantedRanges - 1) / wantedRanges * lanes
      ranges = (shape.channels + range - 1) / range
      lines = (self.band - 1 + tile.rows) * window.stride.height + window.kernel.height
    }

    var count: Int { shape.batch * bands * ranges }

    func image(_ part: Int) -> Int { part / (bands * ranges) }

    func rows(_ part: Int) -> Range<Int> {
      let first = part / ranges % bands * band
      return first..<min(first + band, shape.height)
    }

    func channels(_ part: Int) -> Range<Int> {
      let first = part % ranges * range
      return first..<min(first + range, shape.channels)
    }
  }

  /// A worker's tables.
  private struct Scratch {
    let lines: UnsafeMutableBufferPointer<UnsafeRawPointer?>
    let taps: TapGeometry.Taps
  }

  private func compute(
    _ rows: Range<Int>, _ channels: Range<Int>, _ image: Int, _ scratch: Scratch, _ input: TensorView,
    _ output: TensorView, _ residual: TensorView?, _ tile: DepthwiseKernel
  ) {
    guard let lines = scratch.lines.baseAddress else { return }
    let top = rows.lowerBound * window.stride.height - window.padding.height
    for line in 0..<scratch.lines.count {
      let y = top + line * window.dilation.height
      let isInside = y >= 0 && y < input.shape.height
      lines[line] =
        isInside ? UnsafeRawPointer(input.pixel((image * input.shape.height + y) * input.shape.width)) : nil
    }
    let (width, positions) = (Self.padded(self.channels, engine), window.positions)
    let weights = UnsafePointer(packed.floats)
    let pixel = (image * output.shape.height + rows.lowerBound) * output.shape.width
    var operands = DepthwiseOperands(
      rows: lines, rowStep: window.stride.height, inputWidth: input.shape.width, inputStride: input.pixelStride,
      zeros: weights + (positions + 1) * width, kernelHeight: window.kernel.height,
      kernelWidth: window.kernel.width, columnStep: window.stride.width, dilation: window.dilation.width,
      padding: window.padding.width, weights: weights, weightStride: width, bias: weights + positions * width,
      firstChannel: channels.lowerBound, endChannel: channels.upperBound, activation: activation,
      residual: residual.map { UnsafePointer($0.pixel(pixel)) }, residualStride: residual?.pixelStride ?? 0,
      addsBeforeActivation: addsBeforeActivation, output: output.pixel(pixel), outputStride: output.pixelStride,
      outputWidth: output.shape.width, outputRows: rows.count,
      prefetches: input.shape.count >= Self.prefetchedSize, taps: scratch.taps)
    tile.run(&operands)
  }
}
