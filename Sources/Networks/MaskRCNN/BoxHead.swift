import Tensor

/// The box head of Fast R-CNN (Girshick, doi:10.1109/ICCV.2015.169): class scores for each proposal, and a refined box
/// for each class.
///
/// It has four 3×3 convolutions and a fully connected layer in `maskrcnn_resnet50_fpn_v2`, and two fully connected
/// layers in `maskrcnn_resnet50_fpn`.
struct BoxHead: Sendable {
  let pooling: RegionPooling
  let convolutions: [Convolution]
  let layers: [Linear]
  /// Predicts a score for each class, then four box deltas for each.
  let predictor: Linear
  let classes: Int
  let coder = BoxCoder(weights: (10, 10, 5, 5))

  /// The refined box of one proposal and class.
  struct Candidate {
    /// In pixels of the network's input.
    var box: Box
    var score: Float
    var classID: Int
  }

  static let smallestSide: Float = 1e-2

  init(_ place: LayerBuilder, from inputs: Int, classes: Int) throws {
    let head = place["box_head"]
    pooling = try RegionPooling(size: 7, engine: place.engine)
    let positions = pooling.align.size * pooling.align.size
    // The inputs of all layers but the first are floats.
    let onFloats = place.reading(.init(.float32))
    var convolutions: [Convolution] = []
    var layers: [Linear] = []
    if head["fc6"].hasWeights {
      layers.append(try head["fc6"].linear(from: inputs, positions: positions, activation: .relu))
      layers.append(try onFloats["box_head"]["fc7"].linear(from: layers[0].outputs, activation: .relu))
    } else {
      while head[convolutions.count][0].hasWeights {
        convolutions.append(
          try head[convolutions.count].block(
            from: convolutions.last?.outputs ?? inputs, kernel: 3, activation: .relu))
      }
      layers.append(
        try head[convolutions.count + 1].linear(
          from: convolutions.last?.outputs ?? inputs, positions: positions, activation: .relu))
    }
    self.convolutions = convolutions
    self.layers = layers
    self.classes = classes
    let last = layers[layers.count - 1].outputs
    let (scores, deltas) = (place["box_predictor"]["cls_score"], place["box_predictor"]["bbox_pred"])
    predictor = try Linear(
      inputs: last, outputs: 5 * classes,
      weights: scores.finite("weight", [classes, last]) + deltas.finite("weight", [4 * classes, last]),
      bias: scores.finite("bias", [classes]) + deltas.finite("bias", [4 * classes]),
      format: onFloats.format, engine: place.engine)
  }

  /// The detections that remain after suppression, by falling score.
  func callAsFunction(
    _ pyramid: [TensorView], _ proposals: [Box], _ picture: ImageTransform.Picture, _ options: MaskRCNN.Options,
    _ workspace: Workspace
  ) -> [Candidate] {
    let candidates = workspace.arena.scope {
      self.candidates(pyramid, proposals, picture, options, workspace)
    }
    let kept = suppressed(
      candidates.map(\.box), scores: candidates.map(\.score), groups: candidates.map(\.classID),
      threshold: options.iou, limit: options.maxDetections, workspace)
    return kept.map { candidates[$0] }
  }

  /// The boxes of all classes above the threshold, in the order of the proposals.
  private func candidates(
    _ pyramid: [TensorView], _ proposals: [Box], _ picture: ImageTransform.Picture, _ options: MaskRCNN.Options,
    _ workspace: Workspace
  ) -> [Candidate] {
    guard !proposals.isEmpty else { return [] }
    let outputs = predictions(pyramid, proposals, picture, workspace)
    var candidates: [Candidate] = []
    for (index, proposal) in proposals.enumerated() {
      let values = outputs + index * predictor.outputs
      Softmax.normalize(values, count: classes)
      for classID in 1..<max(classes, 1) where options.common.keeps(score: values[classID]) {
        guard options.classes?.contains(classID) ?? true else { continue }
        let box = coder.decode(values + classes + 4 * classID, proposal).clipped(
          width: Float(picture.resized.width), height: Float(picture.resized.height))
        guard box.width >= Self.smallestSide, box.height >= Self.smallestSide else { continue }
        candidates.append(Candidate(box: box, score: values[classID], classID: classID))
      }
    }
    return candidates
  }

  /// The predictions, `[proposals][5 * classes]`, before the softmax.
  func predictions(
    _ pyramid: [TensorView], _ proposals: [Box], _ picture: ImageTransform.Picture, _ workspace: Workspace
  ) -> UnsafeMutablePointer<Float> {
    let arena = workspace.arena
    let size = pooling.align.size
    var x = arena.tensor(
      Shape(batch: proposals.count, height: size, width: size, channels: pyramid[0].shape.channels),
      pyramid[0].format)
    pooling(pyramid, proposals, picture, into: x, workspace)
    for convolution in convolutions {
      let y = arena.tensor(convolution.shape(x), x.format)
      convolution(x, into: y, workspace)
      x = y
    }
    // A proposal's pixels are contiguous, so they are one row of the fully connected layer.
    var values = TensorView(
      x.memory, Shape(batch: proposals.count, height: 1, width: 1, channels: size * size * x.shape.channels), x.format)
    for layer in layers + [predictor] {
      let outputs = arena.tensor(
        Shape(batch: proposals.count, height: 1, width: 1, channels: layer.outputs), .init(.float32))
      layer(values, into: outputs, workspace)
      values = outputs
    }
    return values.base
  }
}
