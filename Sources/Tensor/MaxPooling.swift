import Kernels

/// Max pooling over square windows: `y[n, i, j, c]` is the largest `x[n, i * stride - padding + u, j * stride - padding
/// + v, c]` inside the input, as PyTorch's `MaxPool2d` with floor mode. NaN wins.
public struct MaxPooling: Sendable, Hashable {
  /// Rows and columns of the window, at least 1.
  public let size: Int
  /// Pixels from one window to the next, at least 1.
  public let stride: Int
  /// Pixels that a window may lie outside on each side, at most half its size.
  public let padding: Int

  /// Addresses in a thread's table, unless one window has more.
  private static let tableLimit = 1 << 14

  /// Makes a pooling.
  ///
  /// - Throws: `TensorError.invalidParameter` when a parameter is out of range.
  public init(size: Int, stride: Int, padding: Int = 0) throws(TensorError) {
    guard (1...1024).contains(size), (1...1024).contains(stride), padding >= 0, padding <= size / 2 else {
      throw .invalidParameter(
        "max pooling needs a size and a stride of 1 to 1024 and a padding of at most half the size, got size \(size), "
          + "stride \(stride), padding \(padding)")
    }
    self.size = size
    self.stride = stride
    self.padding = padding
  }

  /// Pools `input`, `[N, H, W, C]`, to `[N, H', W', C]`.
  ///
  /// - Throws: `TensorError.invalidShape` when the window does not fit.
  public func callAsFunction(_ input: Tensor, engine: Engine) throws(TensorError) -> Tensor {
    let shape = outputShape(for: input.shape)
    guard shape.height > 0, shape.width > 0 else {
      throw .invalidShape("a \(size)x\(size) window does not fit into \(input.shape) with padding \(padding)")
    }
    try shape.validate()
    var output = Tensor(uninitialized: shape)
    output.withMutableView { output in
      engine.withWorkspace { workspace in input.withView { self($0, into: output, workspace) } }
    }
    return output
  }

  package func outputShape(for input: Shape) -> Shape { geometry(input.channels).outputShape(for: input) }

  package func callAsFunction(_ input: TensorView, into output: TensorView, _ workspace: Workspace) {
    assert(output.shape == outputShape(for: input.shape) && output.format == input.format)
    let timer = workspace.timer
    defer { timer?.stop("max pooling \(size)x\(size)/\(stride)", from: input.shape, to: output.shape) }
    let geometry = TapGeometry(geometry(input.shape.channels), input, output, mergesRows: false)
    let rows = output.shape.batch * output.shape.height
    let width = output.shape.width
    workspace.arena.scope {
      let lowest = Self.lowest(input.shape.channels, input.format, workspace)
      // A large window makes a long table: its pixels come in runs.
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
        if input.format.kind == .float32 {
          workspace.kernels.maximumPool(
            taps, run, geometry.positions, input.shape.channels, output.pixel(first), output.pixelStride, count)
        } else {
          workspace.narrow.maximumPool(
            taps, run, geometry.positions, input.shape.channels, output.address(first), output.pixelStride, count,
            input.format.kind)
        }
      }
    }
  }

  /// What a tap outside of the input reads: nothing is less.
  private static func lowest(_ channels: Int, _ format: MapFormat, _ workspace: Workspace) -> UnsafeRawPointer {
    let memory = workspace.arena.allocate(byteCount: channels * format.byteCount)
    switch format.kind {
    case .float32: memory.initializeMemory(as: Float.self, repeating: -.infinity, count: channels)
    case .bfloat16: memory.initializeMemory(as: UInt16.self, repeating: 0xff80, count: channels)
    case .byte: memory.initializeMemory(as: UInt8.self, repeating: 0, count: channels)
    }
    return UnsafeRawPointer(memory)
  }

  private func geometry(_ channels: Int) -> Convolution.Configuration {
    .init(inputChannels: channels, outputChannels: channels, kernelSize: size, stride: stride, padding: padding)
  }
}
