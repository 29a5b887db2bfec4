/// A convolution's weights and bias, with the batch normalization after it folded in:
/// `w * gamma / sqrt(variance + epsilon)` and `beta - mean * gamma / sqrt(variance + epsilon)`.
struct FoldedWeights {
  /// `[outputs][inputs][height][width]`.
  var weights: [Float]
  var bias: [Float]

  /// Reads a convolution of the given shape, and the batch normalization after it or, if there is none, its bias.
  ///
  /// - Parameter epsilon: The epsilon of a normalization that does not store its own.
  init(
    _ convolution: WeightReader, _ normalization: WeightReader, _ shape: [Int], epsilon: Double
  ) throws(WeightFileError) {
    weights = try convolution.floats("weight", shape: shape)
    let outputs = [shape[0]]
    if normalization.contains("running_mean") {
      bias = try normalization.floats("bias", shape: outputs)
      try fold(normalization, epsilon)
    } else {
      bias = try convolution.floats("bias", shape: outputs)
    }
    guard weights.areFinite, bias.areFinite else {
      throw .malformed(
        path: convolution.file.path,
        detail: "the weights of \(printable(convolution.path)), with its normalization, are not finite")
    }
  }

  private mutating func fold(_ normalization: WeightReader, _ epsilon: Double) throws(WeightFileError) {
    let outputs = [bias.count]
    let gamma = try normalization.floats("weight", shape: outputs)
    let mean = try normalization.floats("running_mean", shape: outputs)
    let variance = try normalization.floats("running_var", shape: outputs)
    let epsilon = normalization.module?.attributes["eps"]?.double ?? epsilon
    let size = weights.count / bias.count
    for channel in bias.indices {
      let scale = Double(gamma[channel]) / (Double(variance[channel]) + epsilon).squareRoot()
      bias[channel] = Float(Double(bias[channel]) - Double(mean[channel]) * scale)
      let factor = Float(scale)
      for index in channel * size..<(channel + 1) * size { weights[index] *= factor }
    }
  }
}

extension [Float] {
  /// Whether all elements are finite. It takes the maximum of bit patterns, which the compiler vectorises, unlike a
  /// search that can end early.
  var areFinite: Bool {
    var largest: UInt32 = 0
    for value in self { largest = Swift.max(largest, value.bitPattern & 0x7fff_ffff) }
    return largest < Float.infinity.bitPattern
  }
}
