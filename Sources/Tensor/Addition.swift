import Kernels

/// The sum of two tensors of one shape, element by element: `y = activation(a + b)`.
///
/// A residual of a convolution is added by the convolution itself, without a pass over memory of its own.
public struct Addition: Sendable {
  /// The function applied to the sum.
  public let activation: Activation
  private let engine: Engine

  /// Elements that a thread adds at a time.
  private static let run = 1 << 14

  /// Makes an addition.
  public init(activation: Activation = .none, engine: Engine) {
    self.activation = activation
    self.engine = engine
  }

  /// The shape of the output: that of both inputs.
  ///
  /// - Throws: `TensorError.invalidShape` when the shapes differ, or no tensor has them.
  public func outputShape(for a: Shape, _ b: Shape) throws(TensorError) -> Shape {
    guard a == b else { throw .invalidShape("an addition needs two tensors of one shape, got \(a) and \(b)") }
    return try a.validated()
  }

  /// Adds two tensors.
  ///
  /// - Throws: `TensorError.invalidShape` when the shapes differ.
  public func callAsFunction(_ a: Tensor, _ b: Tensor) throws(TensorError) -> Tensor {
    try engine.makeTensor(outputShape(for: a.shape, b.shape)) { output, workspace in
      a.withView { a in b.withView { self(a, $0, into: output, workspace) } }
    }
  }

  /// Adds two tensors and writes the result to an existing one.
  ///
  /// - Parameters:
  ///   - a: `[N, H, W, C]`.
  ///   - b: `[N, H, W, C]`.
  ///   - output: Of the shape of the inputs, or with more channels if `channel` is given.
  ///   - channel: Where the result's channels begin; the output's other channels stay. By default the output has no
  ///     others.
  /// - Throws: `TensorError.invalidShape` when a shape does not fit.
  public func callAsFunction(
    _ a: Tensor, _ b: Tensor, into output: inout Tensor, at channel: Int? = nil
  ) throws(TensorError) {
    try engine.write(outputShape(for: a.shape, b.shape), to: &output, at: channel) { output, workspace in
      a.withView { a in b.withView { self(a, $0, into: output, workspace) } }
    }
  }

  /// Adds two maps of floats. `output` may be one of them.
  package func callAsFunction(_ a: TensorView, _ b: TensorView, into output: TensorView, _ workspace: Workspace) {
    assert(a.shape == b.shape && output.shape == a.shape)
    let timer = workspace.timer
    defer { timer?.stop("addition", from: a.shape, to: output.shape) }
    let (channels, kernels) = (a.shape.channels, workspace.kernels.maps)
    let isDense = a.isDense && b.isDense && output.isDense
    let (pixels, group) = (a.shape.pixels, max(1, Self.run / channels))
    workspace.parallel((pixels + group - 1) / group) { _, unit in
      let range = unit * group..<min(unit * group + group, pixels)
      for pixel in isDense ? range.lowerBound..<range.lowerBound + 1 : range {
        kernels.add(
          AdditionOperands(
            a: a.pixel(pixel), b: b.pixel(pixel), output: output.pixel(pixel),
            count: isDense ? range.count * channels : channels, activation: activation))
      }
    }
  }
}
