/// The checked forms of operators, on tensors, around their forms on views.
extension Engine {
  /// Makes a tensor of the given shape. `body` writes all of its elements.
  func makeTensor(_ shape: Shape, _ body: (TensorView, Workspace) -> Void) throws(TensorError) -> Tensor {
    try shape.validate()
    var output = Tensor(uninitialized: shape)
    output.withMutableView { output in withWorkspace { body(output, $0) } }
    return output
  }

  /// Writes a result of the given shape to `output`, which has that shape, or to its channels from `channel` on.
  func write(
    _ shape: Shape, to output: inout Tensor, at channel: Int?, _ body: (TensorView, Workspace) -> Void
  ) throws(TensorError) {
    try shape.validate()
    var place = shape
    if let channel {
      guard channel >= 0, channel <= output.shape.channels - shape.channels else {
        throw .invalidShape(
          "the output has shape \(output.shape), the result \(shape) does not fit into its channels from \(channel) on")
      }
      place.channels = output.shape.channels
    }
    guard output.shape == place else {
      throw .invalidShape("the output has shape \(output.shape), the result \(shape)")
    }
    output.withMutableView { output in
      let slice = channel.map { output.channels($0..<$0 + shape.channels) } ?? output
      withWorkspace { body(slice, $0) }
    }
  }

  /// Makes the result of an operator of one input.
  func makeTensor(
    _ shape: Shape, from input: Tensor, _ body: (TensorView, TensorView, Workspace) -> Void
  ) throws(TensorError) -> Tensor {
    try makeTensor(shape) { output, workspace in input.withView { body($0, output, workspace) } }
  }

  /// Writes the result of an operator of one input.
  func write(
    _ shape: Shape, from input: Tensor, to output: inout Tensor, at channel: Int?,
    _ body: (TensorView, TensorView, Workspace) -> Void
  ) throws(TensorError) {
    try write(shape, to: &output, at: channel) { output, workspace in
      input.withView { body($0, output, workspace) }
    }
  }
}

/// Calls `body` with views of several tensors to read.
func withViews<Result>(_ tensors: [Tensor], _ body: ([TensorView]) -> Result) -> Result {
  withExtendedLifetime(tensors) { body(tensors.map { $0.withView { $0 } }) }
}

extension Shape {
  /// The shape, if every extent is at least 1 and there are at most 2^32 elements.
  func validated() throws(TensorError) -> Shape {
    try validate()
    return self
  }

  /// The shape with another number of channels.
  func with(channels: Int) -> Shape { Shape(batch: batch, height: height, width: width, channels: channels) }
}

extension Extent {
  /// Throws `TensorError.invalidParameter` unless both parts lie in `range`.
  func validate(_ name: String, in range: ClosedRange<Int>) throws(TensorError) {
    guard range.contains(height), range.contains(width) else {
      throw .invalidParameter("\(name) must be \(range.lowerBound) to \(range.upperBound), got \(self)")
    }
  }
}

extension [Float] {
  /// Whether all elements are finite. It takes the maximum of bit patterns, which the compiler vectorises, unlike a
  /// search that can end early.
  package var areFinite: Bool {
    var largest: UInt32 = 0
    for value in self { largest = Swift.max(largest, value.bitPattern & 0x7fff_ffff) }
    return largest < Float.infinity.bitPattern
  }
}

/// Throws if a value is infinite or NaN.
func requireFinite(_ values: [Float], _ name: String) throws(TensorError) {
  guard !values.areFinite, let index = values.firstIndex(where: { !$0.isFinite }) else { return }
  throw .invalidParameter("every \(name) must be finite, but \(name) \(index) is \(values[index])")
}
