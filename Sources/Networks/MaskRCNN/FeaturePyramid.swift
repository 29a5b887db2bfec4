import Tensor

/// The feature pyramid (Lin et al., 2017): every level gets a 1×1 of its map plus the level above, then a 3×3; P6 is P5
/// with every second pixel.
struct FeaturePyramid: Sendable {
  let inner: [Convolution]
  let layer: [Convolution]
  let pooling: MaxPooling

  init(_ weights: WeightReader, from inputs: [Int], _ build: MaskRCNNBuild) throws {
    inner = try inputs.enumerated().map { level, channels in
      try build.block(weights["inner_blocks"][level], from: channels, kernel: 1)
    }
    let channels = inner[0].outputs
    guard inner.allSatisfy({ $0.outputs == channels }) else {
      throw WeightFileError.malformed(
        path: weights.file.path, detail: "the pyramid's levels have \(inner.map(\.outputs)) channels")
    }
    layer = try inputs.indices.map { level in
      try build.block(weights["layer_blocks"][level], from: channels, kernel: 3)
    }
    guard layer.allSatisfy({ $0.outputs == channels }) else {
      throw WeightFileError.malformed(
        path: weights.file.path, detail: "the pyramid's outputs have \(layer.map(\.outputs)) channels")
    }
    pooling = try MaxPooling(size: 1, stride: 2)
  }

  /// Channels of every level.
  var outputs: Int { inner[0].outputs }

  /// P2 to P6 from C2 to C5, in the arena's present scope.
  func callAsFunction(_ maps: [TensorView], _ workspace: Workspace) -> [TensorView] {
    let arena = workspace.arena
    let levels = maps.map { map in
      arena.tensor(Shape(height: map.shape.height, width: map.shape.width, channels: outputs), map.format)
    }
    let top = arena.tensor(pooling.outputShape(for: levels[levels.count - 1].shape), levels[0].format)
    arena.scope {
      let merged = levels.map { arena.tensor($0.shape, $0.format) }
      for level in maps.indices.reversed() {
        if level + 1 < maps.count {
          upsampleNearest(merged[level + 1], into: merged[level], workspace)
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
