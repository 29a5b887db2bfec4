import Kernels

/// Max pooling over square windows.
///
/// `y[n, i, j, c]` is the largest `x[n, i * stride - padding + u, j * stride - padding + v, c]` that lies inside the
/// input, with `u` and `v` in `0..<size`; a NaN in the window makes the result NaN. Matches PyTorch's `MaxPool2d` with
/// `ceil_mode=False`.
public struct MaxPooling: Sendable {
  /// The height and width of the window, in pixels, 1 to 1024.
  public let size: Int
  /// The step from one window to the next, in pixels, 1 to 1024.
  public let stride: Int
  /// How far windows reach beyond the input on each side, in pixels: 0 to half of `size`.
  public let padding: Int
  private let engine: Engine

  /// The number of addresses in a thread's table, unless one window needs more.
  private static let tableLimit = 1 << 14

  /// Makes a max pooling.
  ///
  /// - Throws: `TensorError.invalidParameter` when a parameter is out of range.
  public init(size: Int, stride: Int, padding: Int = 0, engine: Engine) throws(TensorError) {
    guard (1...1024).contains(size), (1...1024).contains(stride), padding >= 0, padding <= size / 2 else {
      throw .invalidParameter(
        "max pooling needs a size and a stride of 1 to 1024 and a padding of at most half the size, got size \(size), "
          + "stride \(stride), padding \(padding)")
    }
    self.size = size
    self.stride = stride
    self.padding = padding
    self.engine = engine
  }

  /// The shape `[N, H', W', C]` of the output for an input of shape `[N, H, W, C]`: `H'` is
  /// `(H + 2 * padding - size) / stride + 1`, rounded down, and `W'` likewise.
  ///
  /// - Throws: `TensorError.invalidShape` when the window is larger than the padded input.
  public func outputShape(for input: Shape) throws(TensorError) -> Shape {
    try input.validate()
    let output = outputShape(of: input)
    guard output.height > 0, output.width > 0 else {
      throw .invalidShape("a \(size)x\(size) window does not fit into \(input) with padding \(padding)")
    }
    return try output.validated()
  }

  /// Pools `input`, `[N, H, W, C]`.
  ///
  /// - Throws: `TensorError.invalidShape` when the window is larger than the padded input.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    try engine.makeTensor(outputShape(for: input.shape), from: input) { self($0, into: $1, $2) }
  }

  /// Pools `input` and writes the result to an existing tensor.
  ///
  /// - Parameters:
  ///   - input: `[N, H, W, C]`.
  ///   - output: Of the shape `outputShape(for:)`, or with more channels if `channel` is given.
  ///   - channel: Where the result's channels begin; the output's other channels stay. By default the output has no
  ///     others.
  /// - Throws: `TensorError.invalidShape` when a shape does not fit.
  public func callAsFunction(
    _ input: Tensor, into output: inout Tensor, at channel: Int? = nil
  ) throws(TensorError) {
    try engine.write(outputShape(for: input.shape), from: input, to: &output, at: channel) { self($0, into: $1, $2) }
  }

  /// The shape of the output, for an input shape that fits.
  package func outputShape(of input: Shape) -> Shape { window.outputShape(for: input, channels: input.channels) }

  package func callAsFunction(_ input: TensorView, into output: TensorView, _ workspace: Workspace) {
    assert(output.shape == outputShape(of: input.shape) && output.format == input.format)
    let timer = workspace.timer
    defer { timer?.stop("max pooling \(size)x\(size)/\(stride)", from: input.shape, to: output.shape) }
    let geometry = TapGeometry(window, input, output, mergesRows: false)
    let rows = output.shape.batch * output.shape.height
    let width = output.shape.width
    let (kernels, reducedPrecision) = (workspace.kernels.maps, workspace.reducedPrecision)
    workspace.arena.scope {
      nonisolated(unsafe) let lowest = Self.lowest(input.shape.channels, input.format, workspace)
      // A large window needs many addresses per pixel, so a row is processed in parts.
      let run = min(width, max(Self.tableLimit / geometry.positions, 1))
      let runs = (width + run - 1) / run
      let tables = workspace.perWorker {
        TapGeometry.table(geometry.positions * run, workspace)
      }
      workspace.parallel(rows * runs) { worker, unit in
        let taps = tables[worker]
        let first = unit / runs * width + unit % runs * run
        let count = min(run, width - unit % runs * run)
        geometry.fill(taps, stride: run, from: first, count: count, outside: lowest)
        let operands = MaximumPoolOperands(
          taps: taps, tapStride: run, positions: geometry.positions, channels: input.shape.channels,
          output: output.address(first), outputStride: output.pixelStride, count: count)
        if input.format.kind == .float32 {
          kernels.maximumPool(operands)
        } else {
          reducedPrecision.maximumPool(operands, input.format.kind)
        }
      }
    }
  }

  /// The values that a tap outside of the input reads: the lowest of the format.
  private static func lowest(_ channels: Int, _ format: MapFormat, _ workspace: Workspace) -> UnsafeRawPointer {
    let memory = workspace.arena.allocate(byteCount: channels * format.byteCount)
    switch format.kind {
    case .float32: memory.initializeMemory(as: Float.self, repeating: -.infinity, count: channels)
    case .bfloat16: memory.initializeMemory(as: UInt16.self, repeating: 0xff80, count: channels)
    case .byte: memory.initializeMemory(as: UInt8.self, repeating: 0, count: channels)
    }
    return UnsafeRawPointer(memory)
  }

  private var window: Window { Window(kernel: Extent(size), stride: Extent(stride), padding: Extent(padding)) }
}
