import Tensor

/// The body of ResNet-50 (He et al., doi:10.1109/CVPR.2016.90), which computes the maps C2 to C5 with strides 4, 8, 16
/// and 32. Depth and widths are read from the file.
///
/// Matches torchvision's `resnet50`, whose bottlenecks have the stride in their 3×3 convolution.
struct ResNet: Sendable {
  /// A 1×1, a 3×3 and a 1×1 convolution, each followed by ReLU, with the input added before the last ReLU.
  struct Bottleneck: Sendable {
    let conv1: Convolution
    let conv2: Convolution
    let conv3: Convolution
    /// The 1×1 convolution of the input in the first block of a stage, else nil.
    let downsample: Convolution?

    init(_ layers: LayerBuilder, from inputs: Int, stride: Int) throws {
      conv1 = try layers["conv1"].convolution(
        normalization: layers["bn1"], from: inputs, kernel: 1, activation: .relu)
      conv2 = try layers["conv2"].convolution(
        normalization: layers["bn2"], from: conv1.outputs, kernel: 3, stride: .init(stride), activation: .relu)
      conv3 = try layers["conv3"].convolution(
        normalization: layers["bn3"], from: conv2.outputs, kernel: 1, activation: .relu, addsBeforeActivation: true)
      let place = layers["downsample"]
      if place[0].hasWeights || inputs != conv3.outputs || stride != 1 {
        downsample = try place[0].convolution(
          normalization: place[1], from: inputs, to: conv3.outputs, kernel: 1, stride: .init(stride))
      } else {
        downsample = nil
      }
    }

    /// Computes `y`, which may be `x` if there is no `downsample`.
    func callAsFunction(_ x: TensorView, into y: TensorView, _ workspace: Workspace) {
      workspace.arena.scope {
        let narrow = workspace.arena.tensor(conv1.shape(x), x.format)
        conv1(x, into: narrow, workspace)
        let strided = workspace.arena.tensor(conv2.shape(narrow), x.format)
        conv2(narrow, into: strided, workspace)
        downsample?(x, into: y, workspace)
        conv3(strided, into: y, adding: downsample == nil ? x : y, workspace)
      }
    }
  }

  let stem: Convolution
  let pooling: MaxPooling
  let stages: [[Bottleneck]]

  /// The width of the border of zeros that the stem's 7×7 kernel needs.
  static let border = 3

  init(_ layers: LayerBuilder) throws {
    stem = try layers["conv1"].convolution(
      normalization: layers["bn1"], from: 3, kernel: 7, stride: 2, padding: 0, activation: .relu)
    pooling = try MaxPooling(size: 3, stride: 2, padding: 1, engine: layers.engine)
    var inputs = stem.outputs
    var stages: [[Bottleneck]] = []
    for (index, name) in ["layer1", "layer2", "layer3", "layer4"].enumerated() {
      var blocks: [Bottleneck] = []
      for block in 0..<max(1, layers[name].count) {
        let stride = index > 0 && block == 0 ? 2 : 1
        blocks.append(try Bottleneck(layers[name][block], from: inputs, stride: stride))
        inputs = blocks[block].conv3.outputs
      }
      stages.append(blocks)
    }
    self.stages = stages
  }

  /// The numbers of channels of C2 to C5.
  var outputs: [Int] { stages.map { $0[$0.count - 1].conv3.outputs } }

  /// Computes C2 to C5, valid in the arena's current scope, from `x`, `[1, H + 6, W + 6, 3]`: a standardized image with
  /// a border of 3 zeros, with `H` and `W` multiples of 32.
  func callAsFunction(_ x: TensorView, _ workspace: Workspace) throws(CancellationError) -> [TensorView] {
    let arena = workspace.arena
    let (height, width) = (x.shape.height - 2 * Self.border, x.shape.width - 2 * Self.border)
    let maps = outputs.enumerated().map { stage, channels in
      arena.tensor(Shape(height: height / (4 << stage), width: width / (4 << stage), channels: channels), x.format)
    }
    try arena.scope { () throws(CancellationError) in
      let pooled = arena.tensor(Shape(height: height / 4, width: width / 4, channels: stem.outputs), x.format)
      arena.scope {
        let half = arena.tensor(stem.shape(x), x.format)
        stem(x, into: half, workspace)
        pooling(half, into: pooled, workspace)
      }
      for (stage, blocks) in stages.enumerated() {
        blocks[0](stage == 0 ? pooled : maps[stage - 1], into: maps[stage], workspace)
        for block in blocks.dropFirst() { block(maps[stage], into: maps[stage], workspace) }
        try workspace.checkCancellation()
      }
    }
    return maps
  }
}

extension Convolution {
  /// The number of output channels.
  var outputs: Int { configuration.outputChannels }

  /// The shape of the output for the given input.
  func shape(_ input: TensorView) -> Shape { outputShape(of: input.shape) }
}
