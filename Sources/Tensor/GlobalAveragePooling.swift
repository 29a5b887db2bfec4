import Kernels

/// The mean of every channel over all pixels of a map: `y[n, 0, 0, c]` is the mean of `x[n, i, j, c]` over `i` and `j`.
///
/// Matches PyTorch's `AdaptiveAvgPool2d(1)`. Each row is summed, then the rows' sums, so that rounding errors grow with
/// the height plus the width.
public struct GlobalAveragePooling: Sendable {
  private let engine: Engine

  /// Makes a global average pooling.
  public init(engine: Engine) { self.engine = engine }

  /// The shape `[N, 1, 1, C]` of the output for an input of shape `[N, H, W, C]`.
  ///
  /// - Throws: `TensorError.invalidShape` when no tensor has the input's shape.
  public func outputShape(for input: Shape) throws(TensorError) -> Shape {
    try input.validate()
    return outputShape(of: input)
  }

  /// Averages `input`, `[N, H, W, C]`.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    try engine.makeTensor(outputShape(for: input.shape), from: input) { self($0, into: $1, $2) }
  }

  /// Averages `input` and writes the result to an existing tensor.
  ///
  /// - Parameters:
  ///   - input: `[N, H, W, C]`.
  ///   - output: `[N, 1, 1, C]`, or with more channels if `channel` is given.
  ///   - channel: Where the result's channels begin; the output's other channels stay. By default the output has no
  ///     others.
  /// - Throws: `TensorError.invalidShape` when a shape does not fit.
  public func callAsFunction(
    _ input: Tensor, into output: inout Tensor, at channel: Int? = nil
  ) throws(TensorError) {
    try engine.write(outputShape(for: input.shape), from: input, to: &output, at: channel) { self($0, into: $1, $2) }
  }

  /// The shape of the output, for an input shape that fits.
  package func outputShape(of input: Shape) -> Shape {
    Shape(batch: input.batch, height: 1, width: 1, channels: input.channels)
  }

  /// Averages a map of floats.
  package func callAsFunction(_ input: TensorView, into output: TensorView, _ workspace: Workspace) {
    assert(output.shape == outputShape(of: input.shape))
    let timer = workspace.timer
    defer { timer?.stop("average pooling", from: input.shape, to: output.shape) }
    let (height, width, channels) = (input.shape.height, input.shape.width, input.shape.channels)
    workspace.arena.scope {
      let sums = workspace.arena.tensor(
        Shape(batch: input.shape.batch, height: height, width: 1, channels: channels))
      let ones = workspace.arena.tensor(Shape(height: 1, width: 1, channels: max(height, width)))
      ones.base.initialize(repeating: 1, count: max(height, width))
      let tables = workspace.perWorker { TapGeometry.table(max(height, width), workspace) }
      let kernels = workspace.kernels.maps
      workspace.parallel(input.shape.batch * height) { worker, row in
        Self.sum(input, row * width..<(row + 1) * width, ones, tables[worker], into: sums.pixel(row), kernels)
      }
      let count = Float(height * width)
      for image in 0..<input.shape.batch {
        let mean = output.pixel(image)
        Self.sum(sums, image * height..<(image + 1) * height, ones, tables[0], into: mean, kernels)
        for channel in 0..<channels { mean[channel] /= count }
      }
    }
  }

  /// Writes the sum of a range of pixels.
  private static func sum(
    _ map: TensorView, _ pixels: Range<Int>, _ ones: TensorView, _ taps: TapGeometry.Taps,
    into target: UnsafeMutablePointer<Float>, _ kernels: MapKernels
  ) {
    for (index, pixel) in pixels.enumerated() { taps[index] = UnsafeRawPointer(map.pixel(pixel)) }
    kernels.weightedSum(
      WeightedSumOperands(
        taps: taps, weights: ones.base, count: pixels.count, channels: map.shape.channels, output: target))
  }
}
