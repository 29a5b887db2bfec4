import Tensor

/// The region proposal network (Ren et al., Faster R-CNN, doi:10.1109/TPAMI.2016.2577031): it predicts an objectness
/// and a refined box for every anchor of every level, and keeps the best after non-maximum suppression within each
/// level.
struct RegionProposals: Sendable {
  let convolutions: [Convolution]
  /// Predicts the objectness of a pixel's three anchors, then their box deltas.
  let predictor: Convolution
  let anchors = AnchorGenerator()
  let coder = BoxCoder(weights: (1, 1, 1, 1))

  /// The largest number of candidates per level before the suppression, and of proposals of all levels after it.
  static let limit = 1000
  static let overlap: Float = 0.7
  static let smallestSide: Float = 1e-3

  init(_ layers: LayerBuilder, from inputs: Int) throws {
    var convolutions: [Convolution] = []
    if layers["conv"].hasWeights {
      convolutions.append(try layers["conv"].block(from: inputs, kernel: 3, activation: .relu))
    } else {
      for index in 0..<max(1, layers["conv"].count) {
        convolutions.append(
          try layers["conv"][index].block(
            from: convolutions.last?.outputs ?? inputs, kernel: 3, activation: .relu))
      }
    }
    self.convolutions = convolutions
    let channels = convolutions[convolutions.count - 1].outputs
    let count = AnchorGenerator.ratios.count
    let logits = try layers["cls_logits"].folded(from: channels, to: count, kernel: 1)
    let deltas = try layers["bbox_pred"].folded(from: channels, to: 4 * count, kernel: 1)
    predictor = try layers.convolution(logits + deltas)
  }

  /// The proposals by falling objectness, in pixels of the input and clipped to the image.
  func callAsFunction(_ pyramid: [TensorView], _ picture: ImageTransform.Picture, _ workspace: Workspace) -> [Box] {
    var boxes: [Box] = []
    var scores: [Float] = []
    var levels: [Int] = []
    for (level, map) in pyramid.enumerated() {
      let best = workspace.arena.scope { candidates(level, map, picture, workspace) }
      boxes += best.boxes
      scores += best.scores
      levels += Array(repeating: level, count: best.boxes.count)
    }
    return suppressed(
      boxes, scores: scores, groups: levels, threshold: Self.overlap, limit: Self.limit, workspace
    ).map { boxes[$0] }
  }

  /// A level's best boxes, clipped to the image, and their objectness, 0 to 1.
  func candidates(
    _ level: Int, _ map: TensorView, _ picture: ImageTransform.Picture, _ workspace: Workspace
  ) -> (boxes: [Box], scores: [Float]) {
    let count = AnchorGenerator.ratios.count
    let output = workspace.arena.tensor(
      Shape(height: map.shape.height, width: map.shape.width, channels: 5 * count))
    workspace.arena.scope {
      var x = map
      for convolution in convolutions {
        let y = workspace.arena.tensor(convolution.shape(x), x.format)
        convolution(x, into: y, workspace)
        x = y
      }
      predictor(x, into: output, workspace)
    }
    let timer = workspace.timer
    let logits = [Float](unsafeUninitializedCapacity: output.shape.pixels * count) { buffer, initialized in
      for pixel in 0..<output.shape.pixels {
        for anchor in 0..<count { buffer[pixel * count + anchor] = output.pixel(pixel)[anchor] }
      }
      initialized = output.shape.pixels * count
    }
    var boxes: [Box] = []
    var scores: [Float] = []
    for index in largest(Self.limit, of: logits) {
      let deltas = output.pixel(index / count) + count + index % count * 4
      let anchor = anchors.anchor(index, level: level, map: map.shape, padded: picture.padded)
      let box = coder.decode(deltas, anchor).clipped(
        width: Float(picture.resized.width), height: Float(picture.resized.height))
      guard box.width >= Self.smallestSide, box.height >= Self.smallestSide else { continue }
      boxes.append(box)
      scores.append(Sigmoid.value(logits[index]))
    }
    timer?.stop("top-k", from: output.shape, to: Shape(height: 1, width: boxes.count, channels: 4))
    return (boxes, scores)
  }
}
