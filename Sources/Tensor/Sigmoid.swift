import Glibc
import Kernels

/// The sigmoid, `1 / (1 + e^-x)`, of every element. Matches PyTorch's `Sigmoid`.
///
/// Results are within 7 ULP for elements in -87...87; for lower elements they stay at 2^-126. `Float.nan` gives NaN,
/// but on levels below AVX-512 a NaN with another payload may give a number.
public struct Sigmoid: Sendable {
  private let engine: Engine

  /// Elements that a thread computes at a time, a multiple of every level's lanes.
  private static let run = 1 << 14

  /// Makes a sigmoid.
  public init(engine: Engine) { self.engine = engine }

  /// The shape of the output: that of the input.
  ///
  /// - Throws: `TensorError.invalidShape` when no tensor has this shape.
  public func outputShape(for input: Shape) throws(TensorError) -> Shape { try input.validated() }

  /// Applies the sigmoid to every element of `input`.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    try engine.makeTensor(outputShape(for: input.shape), from: input) { self($0, into: $1, $2) }
  }

  /// Applies the sigmoid to every element of `input` and writes the result to an existing tensor.
  ///
  /// - Parameters:
  ///   - input: `[N, H, W, C]`.
  ///   - output: Of the shape of the input, or with more channels if `channel` is given.
  ///   - channel: Where the result's channels begin; the output's other channels stay. By default the output has no
  ///     others.
  /// - Throws: `TensorError.invalidShape` when a shape does not fit.
  public func callAsFunction(
    _ input: Tensor, into output: inout Tensor, at channel: Int? = nil
  ) throws(TensorError) {
    try engine.write(outputShape(for: input.shape), from: input, to: &output, at: channel) { self($0, into: $1, $2) }
  }

  /// Applies the sigmoid to a map of floats. `output` may be `input`.
  package func callAsFunction(_ input: TensorView, into output: TensorView, _ workspace: Workspace) {
    assert(output.shape == input.shape)
    let timer = workspace.timer
    defer { timer?.stop("sigmoid", from: input.shape, to: output.shape) }
    let kernels = workspace.kernels
    input.forEachRun(with: output, atMost: Self.run, workspace) { source, target, count in
      Self.apply(source, target, count, kernels)
    }
  }

  /// Applies the sigmoid to `count` elements, without reading or writing beyond them as the kernel does.
  private static func apply(
    _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ count: Int, _ kernels: KernelTable
  ) {
    let lanes = kernels.lanes
    let whole = count / lanes * lanes
    kernels.maps.sigmoid(source, target, whole)
    guard whole < count else { return }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: lanes) { rest in
      guard let tail = rest.baseAddress else { return }
      tail.initialize(repeating: 0, count: lanes)
      tail.update(from: source + whole, count: count - whole)
      kernels.maps.sigmoid(tail, tail, lanes)
      (target + whole).update(from: tail, count: count - whole)
    }
  }

  /// The sigmoid of one number, by the C library's exponential.
  package static func value(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
}

extension TensorView {
  /// Calls `body` in parallel with runs of contiguous elements of this map and, at the same places, of another one of
  /// the same shape: of `limit` elements where both maps are dense, else pixel by pixel.
  func forEachRun(
    with other: TensorView, atMost limit: Int, _ workspace: Workspace,
    _ body: @Sendable (_ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ count: Int) -> Void
  ) {
    let channels = shape.channels
    let isDense = isDense && other.isDense
    let (pixels, group) = (shape.pixels, max(1, limit / channels))
    workspace.parallel((pixels + group - 1) / group) { _, unit in
      let first = unit * group
      let count = min(group, pixels - first)
      if isDense {
        body(pixel(first), other.pixel(first), count * channels)
      } else {
        for index in first..<first + count { body(pixel(index), other.pixel(index), channels) }
      }
    }
  }
}
