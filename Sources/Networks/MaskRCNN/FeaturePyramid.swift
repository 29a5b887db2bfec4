import Tensor

/// The feature pyramid (Lin et al., doi:10.1109/CVPR.2017.106).
///
/// A level is a 1×1 convolution of its map plus the upsampled level above, followed by a 3×3 convolution. P6 is every
/// second pixel of P5.
struct FeaturePyramid: Sendable {
  let inner: [Convolution]
  let layer: [Convolution]
  let pooling: MaxPooling

  init(_ layers: LayerBuilder, from inputs: [Int]) throws {
    inner = try inputs.enumerated().map { level, channels in
      try layers["inner_blocks"][level].block(from: channels, kernel: 1)
    }
    let channels = inner[0].outputs
    guard inner.allSatisfy({ $0.outputs == channels }) else {
      throw WeightFileError.malformed(
        path: layers.weights.file.path,
        detail: "the levels of the feature pyramid must have equally many channels, got \(inner.map(\.outputs))")
    }
    layer = try inputs.indices.map { level in
      try layers["layer_blocks"][level].block(from: channels, kernel: 3)
    }
    guard layer.allSatisfy({ $0.outputs == channels }) else {
      throw WeightFileError.malformed(
        path: layers.weights.file.path,
        detail: "the outputs of the feature pyramid must have \(channels) channels, got \(layer.map(\.outputs))")
    }
    pooling = try MaxPooling(size: 1, stride: 2, engine: layers.engine)
  }

  /// The number of channels of every level.
  var outputs: Int { inner[0].outputs }

  /// Computes P2 to P6, valid in the arena's current scope, from C2 to C5.
  func callAsFunction(_ maps: [TensorView], _ workspace: Workspace) -> [TensorView] {
    let arena = workspace.arena
    let levels = maps.map { map in
      arena.tensor(Shape(height: map.shape.height, width: map.shape.width, channels: outputs), map.format)
    }
    let top = arena.tensor(pooling.outputShape(of: levels[levels.count - 1].shape), levels[0].format)
    arena.scope {
      let merged = levels.map { arena.tensor($0.shape, $0.format) }
      for level in maps.indices.reversed() {
        if level + 1 < maps.count {
          Upsampling.nearest(merged[level + 1], into: merged[level], workspace)
          inner[level](maps[level], into: merged[level], adding: merged[level], workspace)
        } else {
          inner[level](maps[level], into: merged[level], workspace)
        }
      }
      for level in maps.indices { layer[level](merged[level], into: levels[level], workspace) }
    }
    pooling(levels[levels.count - 1], into: top, workspace)
    return levels + [top]
  }
}
