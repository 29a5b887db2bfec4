import Tensor

/// The mask head of Mask R-CNN: a mask of 28×28 probabilities for each detection.
///
/// It has four 3×3 convolutions on features pooled to 14×14, a transposed 2×2 convolution of stride 2, and a 1×1
/// convolution, of which only the output of the detection's class is computed.
struct MaskHead: Sendable {
  let pooling: RegionPooling
  let convolutions: [Convolution]
  /// The transposed convolution, whose outputs for the 2×2 positions are read where they are, without arranging them.
  let upsampling: Convolution
  /// `[classes][channels]`.
  let logits: [Float]
  let bias: [Float]
  let channels: Int

  /// The height and width of a mask, in pixels.
  static let size = 28

  init(_ layers: LayerBuilder, from inputs: Int, classes: Int) throws {
    let head = layers["mask_head"]
    pooling = try RegionPooling(size: 14, engine: layers.engine)
    let isOld = head["mask_fcn1"].hasWeights
    var convolutions: [Convolution] = []
    while true {
      let place = isOld ? head["mask_fcn\(convolutions.count + 1)"] : head[convolutions.count]
      guard isOld ? place.hasWeights : place[0].hasWeights else { break }
      convolutions.append(
        try place.block(from: convolutions.last?.outputs ?? inputs, kernel: 3, activation: .relu))
    }
    self.convolutions = convolutions
    let last = convolutions.last?.outputs ?? inputs
    let predictor = layers["mask_predictor"]
    upsampling = try Self.upsampling(predictor["conv5_mask"], from: last)
    channels = upsampling.outputs / 4
    logits = try predictor["mask_fcn_logits"].finite("weight", [classes, channels, 1, 1])
    bias = try predictor["mask_fcn_logits"].finite("bias", [classes])
  }

  private static func upsampling(_ place: LayerBuilder, from inputs: Int) throws -> Convolution {
    let outputs = try place.shape(rank: 4)[1]
    return try TransposedConvolution(
      .init(inputChannels: inputs, outputChannels: outputs, kernel: 2, stride: 2, activation: .relu),
      weights: place.finite("weight", [inputs, outputs, 2, 2]), bias: place.finite("bias", [outputs]),
      format: place.format, engine: place.engine
    ).places
  }

  /// Computes the masks, `[detections][28][28]`: the probabilities of each detection's class.
  func callAsFunction(
    _ pyramid: [TensorView], _ detections: [BoxHead.Candidate], _ picture: ImageTransform.Picture,
    _ workspace: Workspace
  ) -> UnsafeMutablePointer<Float> {
    let arena = workspace.arena
    let area = Self.size * Self.size
    let masks = arena.tensor(Shape(batch: max(detections.count, 1), height: Self.size, width: Self.size, channels: 1))
    guard !detections.isEmpty else { return masks.base }
    arena.scope {
      let size = pooling.align.size
      var x = arena.tensor(
        Shape(batch: detections.count, height: size, width: size, channels: pyramid[0].shape.channels),
        pyramid[0].format)
      pooling(pyramid, detections.map(\.box), picture, into: x, workspace)
      for convolution in convolutions {
        let y = arena.tensor(convolution.shape(x), x.format)
        convolution(x, into: y, workspace)
        x = y
      }
      let upsampled = arena.tensor(upsampling.shape(x))
      upsampling(x, into: upsampled, workspace)
      let timer = workspace.timer
      defer { timer?.stop("mask logits", from: x.shape, to: masks.shape, multiplyAdds: masks.shape.count * channels) }
      logits.withUnsafeBufferPointer { logits in
        guard let base = logits.baseAddress else { return }
        nonisolated(unsafe) let logits = base
        let kernels = workspace.kernels.maps
        workspace.parallel(detections.count) { _, index in
          let classID = detections[index].classID
          for pixel in 0..<size * size {
            for position in 0..<4 {
              let features = upsampled.pixel(index * size * size + pixel) + position * channels
              let sum = kernels.dotProduct(features, logits + classID * channels, channels)
              let (row, column) = (2 * (pixel / size) + position / 2, 2 * (pixel % size) + position % 2)
              masks.base[index * area + row * Self.size + column] = Sigmoid.value(bias[classID] + sum)
            }
          }
        }
      }
    }
    return masks.base
  }
}
