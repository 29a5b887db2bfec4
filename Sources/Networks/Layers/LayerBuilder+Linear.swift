import Tensor

extension LayerBuilder {
  /// Builds a fully connected layer, PyTorch's `Linear`, with the activation after it.
  ///
  /// - Parameters:
  ///   - inputs: The number of input channels that the weights must have; nil for that of the weights.
  ///   - positions: The number of pixels whose channels are the inputs. PyTorch flattens a map channel by channel, a
  ///     tensor here has its channels pixel by pixel; so the columns of the weights are reordered.
  ///   - bias: Whether the layer has a bias.
  ///   - activation: The function applied to the result.
  /// - Throws: `WeightFileError.missing`, `misshapen`, `unexpectedRank`, `notFinite` or `unreadable` for a tensor that
  ///   does not suit; `TensorError` for a parameter out of range.
  public func linear(
    from inputs: Int? = nil, positions: Int = 1, bias: Bool = true, activation: Activation = .none
  ) throws -> Linear {
    let shape = try shape(rank: 2)
    guard (1...shape[1]).contains(positions), shape[1].isMultiple(of: positions) else {
      throw TensorError.invalidParameter(
        "the positions must divide the \(shape[1]) columns of \(weights.key("weight")), got \(positions)")
    }
    let inputs = inputs ?? shape[1] / positions
    let stored = try finite("weight", [shape[0], inputs * positions])
    return try Linear(
      inputs: inputs * positions, outputs: shape[0],
      weights: positions == 1 ? stored : Self.byPosition(stored, inputs: inputs, positions: positions),
      bias: bias ? finite("bias", [shape[0]]) : nil, activation: activation,
      format: format, engine: engine)
  }

  /// Rows of `[inputs][positions]` as rows of `[positions][inputs]`.
  private static func byPosition(_ rows: [Float], inputs: Int, positions: Int) -> [Float] {
    let columns = inputs * positions
    var reordered = [Float](repeating: 0, count: rows.count)
    for first in stride(from: 0, to: rows.count, by: columns) {
      for input in 0..<inputs {
        for position in 0..<positions {
          reordered[first + position * inputs + input] = rows[first + input * positions + position]
        }
      }
    }
    return reordered
  }
}
