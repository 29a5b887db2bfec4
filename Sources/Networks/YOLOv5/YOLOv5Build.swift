import Tensor

/// The parameters that all blocks of the network are built with.
struct YOLOv5Build {
  let engine: Engine
  /// The epsilon of batch normalizations that do not store their own.
  let epsilon: Double
  /// The formats of the feature maps.
  let plan: MapPlan
  /// The largest number of channels of a layer; YOLOv5x has 1280.
  static let widest = 8192

  /// Reads the weights of a `Conv` block. A block that was fused before it was saved has a bias and no normalization.
  func folded(_ block: WeightReader, _ shape: [Int]) throws(WeightFileError) -> FoldedWeights {
    try FoldedWeights(block["conv"], block["bn"], shape, epsilon: epsilon)
  }

  /// The output channels of a convolution block, from the shape of its weights.
  func leadingExtent(_ block: WeightReader) throws(WeightFileError) -> Int {
    let shape = try block["conv"].shape(of: "weight")
    guard shape.count == 4, let outputs = shape.first, (1...Self.widest).contains(outputs) else {
      throw .malformed(
        path: block.file.path,
        detail: "\(block["conv"].key("weight")) must have 4 dimensions and 1 to \(Self.widest) outputs, but has shape "
          + "\(shape)"
      )
    }
    return outputs
  }
}
