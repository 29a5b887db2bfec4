import Kernels

/// A fully connected layer, `y = activation(x * weights^T + bias)`.
///
/// It runs as 1×1 convolutions, one for each slice of the inputs; each adds to the result of the slices before it. A
/// slice is small enough that a panel of its weights stays in the cache for all rows.
package struct Linear: Sendable {
  package let inputs: Int
  package let outputs: Int
  private let slices: [Convolution]

  /// Inputs per slice.
  private static let depth = 1024

  /// Packs the weights.
  ///
  /// - Parameters:
  ///   - weights: `[outputs][inputs]`, as PyTorch stores them.
  ///   - bias: `[outputs]`.
  ///   - activation: `none` or `relu`.
  ///   - format: The format of the input.
  package init(
    inputs: Int, outputs: Int, weights: [Float], bias: [Float], activation: Activation = .none,
    format: MapFormat = .init(.float32), engine: Engine
  ) throws(TensorError) {
    precondition(weights.count == inputs * outputs && bias.count == outputs)
    self.inputs = inputs
    self.outputs = outputs
    var slices: [Convolution] = []
    for first in stride(from: 0, to: inputs, by: Self.depth) {
      let range = first..<min(first + Self.depth, inputs)
      var part: [Float] = []
      part.reserveCapacity(outputs * range.count)
      for output in 0..<outputs {
        part += weights[output * inputs + range.lowerBound..<output * inputs + range.upperBound]
      }
      slices.append(
        try Convolution(
          .init(
            inputChannels: range.count, outputChannels: outputs,
            activation: range.upperBound == inputs ? activation : .none, addsBeforeActivation: true),
          weights: part, bias: first == 0 ? bias : nil, format: format, engine: engine))
    }
    self.slices = slices
  }

  /// Computes `output`, `[rows, 1, 1, outputs]` of floats, from `input`, `[rows, 1, 1, inputs]`.
  package func callAsFunction(_ input: TensorView, into output: TensorView, _ workspace: Workspace) {
    assert(input.shape.channels == inputs && output.shape.channels == outputs && output.format.kind == .float32)
    guard input.shape.batch > 0 else { return }
    let timer = workspace.timer
    defer {
      timer?.stop("linear", from: input.shape, to: output.shape, multiplyAdds: input.shape.batch * inputs * outputs)
    }
    let workspace = workspace.unprofiled
    var first = 0
    for slice in slices {
      let count = slice.configuration.inputChannels
      slice(
        input.channels(first..<first + count), into: output, adding: first == 0 ? nil : output, workspace)
      first += count
    }
  }
}
