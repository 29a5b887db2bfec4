import Tensor

/// What every block of the network is built with.
struct YOLOv5Build {
  let engine: Engine
  /// Of batch normalizations that do not say it themselves.
  let epsilon: Double

  /// The output channels of a convolution block, from the shape of its weights.
  func leadingExtent(_ block: WeightReader) throws(WeightFileError) -> Int {
    let shape = try block["conv"].shape(of: "weight")
    guard shape.count == 4, let outputs = shape.first, outputs > 0 else {
      throw .malformed(
        path: block.file.path, detail: "\(block["conv"].key("weight")) has shape \(shape), no convolution's")
    }
    return outputs
  }
}

/// A convolution's weights and bias with the batch normalization behind it folded in:
/// `w * gamma / sqrt(variance + epsilon)`, `beta - mean * gamma / sqrt(variance + epsilon)`.
struct FoldedWeights {
  /// `[outputs][inputs][height][width]`.
  var weights: [Float]
  var bias: [Float]

  /// Reads `conv` and `bn` below a `Conv` block; a block fused before it was saved has a bias and no `bn`.
  init(_ block: WeightReader, _ shape: [Int], _ build: YOLOv5Build) throws(WeightFileError) {
    weights = try block["conv"].floats("weight", shape: shape)
    let outputs = [shape[0]]
    if block["conv"].contains("bias"), !block["bn"].contains("weight") {
      bias = try block["conv"].floats("bias", shape: outputs)
      return
    }
    let normalization = block["bn"]
    let gamma = try normalization.floats("weight", shape: outputs)
    let beta = try normalization.floats("bias", shape: outputs)
    let mean = try normalization.floats("running_mean", shape: outputs)
    let variance = try normalization.floats("running_var", shape: outputs)
    let epsilon = normalization.module?.attributes["eps"]?.double ?? build.epsilon
    bias = beta
    let size = weights.count / shape[0]
    for channel in 0..<shape[0] {
      let scale = Double(gamma[channel]) / (Double(variance[channel]) + epsilon).squareRoot()
      bias[channel] = Float(Double(beta[channel]) - Double(mean[channel]) * scale)
      let factor = Float(scale)
      for index in channel * size..<(channel + 1) * size { weights[index] *= factor }
    }
  }
}
