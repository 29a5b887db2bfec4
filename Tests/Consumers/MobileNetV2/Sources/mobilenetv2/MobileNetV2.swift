import Networks
import Tensor

/// MobileNetV2 (Sandler et al., doi:10.1109/CVPR.2018.00474), with the tensors of torchvision's `mobilenet_v2`.
struct MobileNetV2 {
  /// A 1×1 convolution to more channels, a depthwise 3×3 one and a 1×1 one to few; the input is added to the result if
  /// it has the same shape.
  struct InvertedResidual {
    let expand: Convolution?
    let depthwise, project: Convolution
    let addsInput: Bool

    init(_ layers: LayerBuilder, from inputs: Int, stride: Int) throws {
      // The first block does not expand, so it has a part less.
      let isExpanding = layers.count == 4
      expand = isExpanding ? try layers[0][0].convolution(normalization: layers[0][1], activation: .relu6) : nil
      let (place, last) = isExpanding ? (layers[1], 2) : (layers[0], 1)
      depthwise = try place[0].convolution(
        normalization: place[1], stride: Extent(stride), groups: expand?.configuration.outputChannels ?? inputs,
        activation: .relu6)
      project = try layers[last].convolution(normalization: layers[last + 1])
      addsInput = stride == 1 && inputs == project.configuration.outputChannels
    }

    func callAsFunction(_ x: Tensor) throws -> Tensor {
      try project(depthwise(expand?(x) ?? x), adding: addsInput ? x : nil)
    }
  }

  /// How many blocks follow one another, and the stride of the first.
  static let stages: [(count: Int, stride: Int)] = [(1, 1), (2, 2), (3, 2), (4, 2), (3, 1), (3, 2), (1, 1)]

  let first: Convolution
  let blocks: [InvertedResidual]
  let last: Convolution
  let average: GlobalAveragePooling
  let classifier: Linear

  init(_ file: WeightFile) throws {
    let layers = try LayerBuilder(file)
    let features = layers["features"]
    first = try features[0][0].convolution(normalization: features[0][1], stride: 2, activation: .relu6)
    var channels = first.configuration.outputChannels
    var blocks: [InvertedResidual] = []
    for stage in Self.stages {
      for index in 0..<stage.count {
        let place = features[blocks.count + 1]["conv"]
        let block = try InvertedResidual(place, from: channels, stride: index == 0 ? stage.stride : 1)
        channels = block.project.configuration.outputChannels
        blocks.append(block)
      }
    }
    self.blocks = blocks
    let end = features[blocks.count + 1]
    last = try end[0].convolution(normalization: end[1], activation: .relu6)
    average = GlobalAveragePooling(engine: layers.engine)
    classifier = try layers["classifier"][1].linear()
    try layers.finish()
  }

  /// The logits of images `[N, H, W, 3]`, standardized as for the training: `[N, 1, 1, classes]`.
  func callAsFunction(_ images: Tensor) throws -> Tensor {
    var x = try first(images)
    for block in blocks { x = try block(x) }
    return try classifier(average(last(x)))
  }
}
