import Glibc

/// The softmax over the channels of every pixel: `y[c] = e^(x[c] - m) / (sum over k of e^(x[k] - m))`, where `m` is the
/// largest of the pixel's channels, so that nothing overflows.
///
/// Matches PyTorch's `Softmax` over the dimension of the channels. A pixel with NaN, with `+infinity`, or with nothing
/// but `-infinity` gives NaN in all channels.
public struct Softmax: Sendable {
  private let engine: Engine

  /// Makes a softmax.
  public init(engine: Engine) { self.engine = engine }

  /// The shape of the output: that of the input.
  ///
  /// - Throws: `TensorError.invalidShape` when no tensor has this shape.
  public func outputShape(for input: Shape) throws(TensorError) -> Shape { try input.validated() }

  /// Applies the softmax to every pixel of `input`.
  public func callAsFunction(_ input: Tensor) throws(TensorError) -> Tensor {
    try engine.makeTensor(outputShape(for: input.shape), from: input) { self($0, into: $1, $2) }
  }

  /// Applies the softmax to every pixel of `input` and writes the result to an existing tensor.
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

  /// Applies the softmax to every pixel of a map of floats. `output` may be `input`.
  package func callAsFunction(_ input: TensorView, into output: TensorView, _ workspace: Workspace) {
    assert(output.shape == input.shape)
    let timer = workspace.timer
    defer { timer?.stop("softmax", from: input.shape, to: output.shape) }
    let channels = input.shape.channels
    workspace.parallel(input.shape.pixels) { _, pixel in
      let target = output.pixel(pixel)
      if target != input.pixel(pixel) { target.update(from: input.pixel(pixel), count: channels) }
      Self.normalize(target, count: channels)
    }
  }

  /// Applies the softmax to `count` values in place.
  package static func normalize(_ values: UnsafeMutablePointer<Float>, count: Int) {
    guard count > 0 else { return }
    var largest = values[0]
    for index in 1..<max(count, 1) where values[index] > largest { largest = values[index] }
    var sum: Float = 0
    for index in 0..<count {
      values[index] = exp(values[index] - largest)
      sum += values[index]
    }
    for index in 0..<count { values[index] /= sum }
  }
}
