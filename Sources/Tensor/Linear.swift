import Kernels

/// A fully connected layer, `y = activation(x * weights^T + bias)`, by OpenBLAS: its depth of thousands is what OpenBLAS
/// does best.
package struct Linear: Sendable {
  package let inputs: Int
  package let outputs: Int
  private let weights: [Float]
  private let bias: [Float]
  private let activation: Activation

  /// - Parameters:
  ///   - weights: `[outputs][inputs]`, as PyTorch stores them.
  ///   - bias: `[outputs]`.
  ///   - activation: `none` or `relu`.
  package init(inputs: Int, outputs: Int, weights: [Float], bias: [Float], activation: Activation = .none) {
    precondition(weights.count == inputs * outputs && bias.count == outputs && activation != .silu)
    self.inputs = inputs
    self.outputs = outputs
    self.weights = weights
    self.bias = bias
    self.activation = activation
  }

  /// `input` is `[rows][inputs]`, `output` `[rows][outputs]`.
  package func callAsFunction(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>, _ workspace: Workspace
  ) {
    guard rows > 0 else { return }
    let timer = workspace.timer
    defer {
      timer?.stop(
        "linear", from: Shape(batch: rows, height: 1, width: 1, channels: inputs),
        to: Shape(batch: rows, height: 1, width: 1, channels: outputs), multiplyAdds: rows * inputs * outputs)
    }
    weights.withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress else { return }
      multiply(
        input, weights, output, rows: rows, depth: inputs, columns: outputs, isTransposed: true, workspace.engine)
    }
    for row in 0..<rows {
      let line = output + row * outputs
      for column in 0..<outputs {
        let sum = line[column] + bias[column]
        line[column] = activation == .relu && sum < 0 ? 0 : sum
      }
    }
  }
}
