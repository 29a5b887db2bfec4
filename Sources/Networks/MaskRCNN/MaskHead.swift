import Tensor

/// The mask head of Mask R-CNN: a mask of 28×28 probabilities for each detection.
///
/// It has four 3×3 convolutions on features pooled to 14×14, a transposed 2×2 convolution of stride 2, and a 1×1
/// convolution, of which only the output of the detection's class is computed.
struct MaskHead: Sendable {
  let pooling: RegionPooling
  let convolutions: [Convolution]
  /// The transposed convolution. Since its stride equals its size, it is a 1×1 convolution with outputs for each of the
  /// 2×2 positions.
  let upsampling: Convolution
  /// `[classes][channels]`.
  let logits: [Float]
  let bias: [Float]
  let channels: Int

  /// The height and width of a mask, in pixels.
  static let size = 28

  init(_ weights: WeightReader, from inputs: Int, classes: Int, _ build: MaskRCNNBuild) throws {
    let head = weights["mask_head"]
    pooling = try RegionPooling(size: 14, engine: build.engine)
    let isOld = head["mask_fcn1"].contains("weight")
    var convolutions: [Convolution] = []
    while true {
      let place = isOld ? head["mask_fcn\(convolutions.count + 1)"] : head[convolutions.count]
      guard isOld ? place.contains("weight") : place[0].contains("weight") else { break }
      convolutions.append(
        try build.block(place, from: convolutions.last?.outputs ?? inputs, kernel: 3, activation: .relu))
    }
    self.convolutions = convolutions
    let last = convolutions.last?.outputs ?? inputs
    let predictor = weights["mask_predictor"]
    upsampling = try build.transposed(predictor["conv5_mask"], from: last, activation: .relu)
    channels = upsampling.outputs / 4
    logits = try build.finite(predictor["mask_fcn_logits"], "weight", [classes, channels, 1, 1])
    bias = try build.finite(predictor["mask_fcn_logits"], "bias", [classes])
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
        guard let logits = logits.baseAddress else { return }
        workspace.parallel(detections.count) { _, index in
          let classID = detections[index].classID
          for pixel in 0..<size * size {
            for position in 0..<4 {
              let features = upsampled.pixel(index * size * size + pixel) + position * channels
              let sum = workspace.kernels.maps.dotProduct(features, logits + classID * channels, channels)
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
