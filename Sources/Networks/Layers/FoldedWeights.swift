import Tensor

/// A convolution's weights and bias, with the batch normalization after it folded in:
/// `w * gamma / sqrt(variance + epsilon)` and `beta + (bias - mean) * gamma / sqrt(variance + epsilon)`.
struct FoldedWeights {
  /// `[outputs, inputs, height, width]`, with the inputs of one group; `[inputs, outputs, height, width]` if the
  /// convolution is transposed.
  let shape: [Int]
  /// The dimension of the outputs.
  private var outputAxis = 0
  private(set) var weights: [Float]
  private(set) var bias: [Float]

  /// Reads a convolution of the given shape, and the batch normalization after it.
  ///
  /// - Parameters:
  ///   - normalization: The place of the normalization; if it has no tensors, the convolution has a bias instead.
  ///   - outputAxis: The dimension of the outputs: 1 for a transposed convolution.
  ///   - bias: Whether the convolution has a bias; nil if it has one exactly where there is no normalization.
  ///   - epsilon: The epsilon of a normalization that does not store its own.
  init(
    _ convolution: WeightReader, _ normalization: WeightReader?, _ shape: [Int], outputAxis: Int = 0,
    bias: Bool? = nil, epsilon: Double
  ) throws(WeightFileError) {
    self.shape = shape
    self.outputAxis = outputAxis
    let outputs = shape[outputAxis]
    let normalization = normalization.flatMap { $0.contains("running_mean") ? $0 : nil }
    weights = try convolution.floats("weight", shape: shape)
    if bias ?? (normalization == nil) {
      self.bias = try convolution.floats("bias", shape: [outputs])
    } else {
      self.bias = [Float](repeating: 0, count: outputs)
    }
    if let normalization { try fold(normalization, epsilon) }
    try requireFinite(convolution, normalization == nil ? "" : ", with its normalization,")
  }

  /// Reads a batch normalization by itself, as a convolution of 1×1 of each of the channels.
  init(_ normalization: WeightReader, channels: Int, epsilon: Double) throws(WeightFileError) {
    shape = [channels, 1, 1, 1]
    weights = [Float](repeating: 1, count: channels)
    bias = [Float](repeating: 0, count: channels)
    try fold(normalization, epsilon)
    try requireFinite(normalization, "")
  }

  private init(shape: [Int], weights: [Float], bias: [Float]) {
    self.shape = shape
    self.weights = weights
    self.bias = bias
  }

  /// The weights of one convolution that computes the outputs of two on the same input, those of `a` first.
  static func + (a: FoldedWeights, b: FoldedWeights) -> FoldedWeights {
    assert(a.shape.dropFirst() == b.shape.dropFirst() && a.outputAxis == 0 && b.outputAxis == 0)
    return FoldedWeights(
      shape: [a.shape[0] + b.shape[0]] + a.shape.dropFirst(), weights: a.weights + b.weights, bias: a.bias + b.bias)
  }

  private func requireFinite(_ place: WeightReader, _ more: String) throws(WeightFileError) {
    guard !weights.areFinite || !bias.areFinite else { return }
    throw .notFinite(
      path: place.file.path, what: "weights and biases of \(printable(place.path))\(more)",
      count: weights.countNotFinite + bias.countNotFinite, total: weights.count + bias.count)
  }

  private mutating func fold(_ normalization: WeightReader, _ epsilon: Double) throws(WeightFileError) {
    let outputs = [bias.count]
    let gamma = try normalization.floats("weight", shape: outputs)
    let beta = try normalization.floats("bias", shape: outputs)
    let mean = try normalization.floats("running_mean", shape: outputs)
    let variance = try normalization.floats("running_var", shape: outputs)
    let epsilon = normalization.module?.attributes["eps"]?.double ?? epsilon
    let size = shape[(outputAxis + 1)...].reduce(1, *)
    let step = size * bias.count
    for channel in bias.indices {
      let scale = Double(gamma[channel]) / (Double(variance[channel]) + epsilon).squareRoot()
      bias[channel] = Float(Double(beta[channel]) + (Double(bias[channel]) - Double(mean[channel])) * scale)
      let factor = Float(scale)
      for first in stride(from: channel * size, to: weights.count, by: step) {
        for index in first..<first + size { weights[index] *= factor }
      }
    }
  }
}

extension [Float] {
  /// The number of elements that are NaN or infinite.
  var countNotFinite: Int { reduce(0) { $0 + ($1.isFinite ? 0 : 1) } }
}
