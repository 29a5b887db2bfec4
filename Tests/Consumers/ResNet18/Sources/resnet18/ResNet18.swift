import Networks
import Tensor

/// ResNet-18 (He et al., doi:10.1109/CVPR.2016.90), with the tensors of torchvision's `resnet18`.
struct ResNet18 {
  /// Two 3×3 convolutions, and the input or its 1×1 convolution added before the last ReLU.
  struct BasicBlock {
    let conv1, conv2: Convolution
    let downsample: Convolution?

    init(_ layers: LayerBuilder, stride: Int) throws {
      conv1 = try layers["conv1"].convolution(
        normalization: layers["bn1"], stride: Extent(stride), activation: .relu)
      conv2 = try layers["conv2"].convolution(
        normalization: layers["bn2"], activation: .relu, addsBeforeActivation: true)
      let shortcut = layers["downsample"]
      downsample =
        shortcut[0].hasWeights
        ? try shortcut[0].convolution(normalization: shortcut[1], stride: Extent(stride)) : nil
    }

    func callAsFunction(_ x: Tensor) throws -> Tensor {
      try conv2(conv1(x), adding: downsample?(x) ?? x)
    }
  }

  let conv1: Convolution
  let pooling: MaxPooling
  let blocks: [BasicBlock]
  let average: GlobalAveragePooling
  let fc: Linear

  init(_ file: WeightFile) throws {
    let layers = try LayerBuilder(file)
    conv1 = try layers["conv1"].convolution(normalization: layers["bn1"], stride: 2, activation: .relu)
    pooling = try MaxPooling(size: 3, stride: 2, padding: 1, engine: layers.engine)
    blocks = try (1...4).flatMap { stage in
      try (0..<2).map { block in
        try BasicBlock(layers["layer\(stage)"][block], stride: stage > 1 && block == 0 ? 2 : 1)
      }
    }
    average = GlobalAveragePooling(engine: layers.engine)
    fc = try layers["fc"].linear()
    try layers.finish()
  }

  /// The logits of images `[N, H, W, 3]`, standardized as for the training: `[N, 1, 1, classes]`.
  func callAsFunction(_ images: Tensor) throws -> Tensor {
    var x = try pooling(conv1(images))
    for block in blocks { x = try block(x) }
    return try fc(average(x))
  }
}
