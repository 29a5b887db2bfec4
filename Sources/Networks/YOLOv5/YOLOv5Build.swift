import Tensor

/// What every block of the network is built with.
struct YOLOv5Build {
  let engine: Engine
  /// Of batch normalizations that do not say it themselves.
  let epsilon: Double
  /// The formats of the maps.
  let plan: MapPlan
  /// Channels that no layer exceeds: YOLOv5x has 1280.
  static let widest = 8192

  /// The weights of a `Conv` block; one fused before it was saved has a bias and no normalization.
  func folded(_ block: WeightReader, _ shape: [Int]) throws(WeightFileError) -> FoldedWeights {
    try FoldedWeights(block["conv"], block["bn"], shape, epsilon: epsilon)
  }

  /// The output channels of a convolution block, from the shape of its weights.
  func leadingExtent(_ block: WeightReader) throws(WeightFileError) -> Int {
    let shape = try block["conv"].shape(of: "weight")
    guard shape.count == 4, let outputs = shape.first, (1...Self.widest).contains(outputs) else {
      throw .malformed(
        path: block.file.path,
        detail: "\(block["conv"].key("weight")) has shape \(shape), no convolution's to at most \(Self.widest) channels"
      )
    }
    return outputs
  }
}
