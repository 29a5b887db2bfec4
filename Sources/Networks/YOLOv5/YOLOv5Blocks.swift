import Tensor

/// The block `Conv` of YOLOv5: convolution, batch normalization and SiLU. The normalization is folded into the weights.
struct ConvolutionBlock: Sendable {
  let convolution: Convolution
  /// The map that the block writes, in whole or in part.
  let output: NamedMap

  init(
    _ weights: WeightReader, from inputs: Int, to outputs: Int, kernel: Int = 1, stride: Int = 1, padding: Int? = nil,
    reading input: MapFormat, writing output: NamedMap, _ build: YOLOv5Build
  ) throws {
    self.output = output
    try YOLOv5Layout.requireGeometry(kernel: kernel, stride: stride, of: weights["conv"])
    let folded = try build.folded(weights, [outputs, inputs, kernel, kernel])
    convolution = try Convolution(
      .init(
        inputChannels: inputs, outputChannels: outputs, kernel: Extent(kernel), stride: Extent(stride),
        padding: Extent(padding ?? kernel / 2), activation: .silu),
      weights: folded.weights, bias: folded.bias, format: input, engine: build.engine)
  }

  /// Makes a block from a convolution.
  init(_ convolution: Convolution, writing output: NamedMap) {
    self.convolution = convolution
    self.output = output
  }

  /// Combines two 1×1 blocks on one input into one block; the outputs of `first` come first.
  init(
    _ first: WeightReader, _ second: WeightReader, from inputs: Int, to outputs: Int, reading input: MapFormat,
    writing output: NamedMap, _ build: YOLOv5Build
  ) throws {
    self.output = output
    for part in [first, second] { try YOLOv5Layout.requireGeometry(kernel: 1, stride: 1, of: part["conv"]) }
    let a = try build.folded(first, [outputs, inputs, 1, 1])
    let b = try build.folded(second, [outputs, inputs, 1, 1])
    convolution = try Convolution(
      .init(inputChannels: inputs, outputChannels: 2 * outputs, activation: .silu),
      weights: a.weights + b.weights, bias: a.bias + b.bias, format: input, engine: build.engine)
  }

  func callAsFunction(
    _ x: TensorView, into y: TensorView, adding residual: TensorView? = nil, _ workspace: Workspace
  ) {
    convolution(x, into: y, adding: residual, workspace)
    workspace.observe?(output.name, y)
  }
}

/// The block `Bottleneck` of YOLOv5: a 1×1 and a 3×3 convolution, added to the input if `shortcut`.
struct Bottleneck: Sendable {
  let cv1: ConvolutionBlock
  let cv2: ConvolutionBlock
  let shortcut: Bool

  init(_ weights: WeightReader, channels: Int, shortcut: Bool, in map: NamedMap, _ build: YOLOv5Build) throws {
    let hidden = try build.plan.map(weights["cv1"].path)
    cv1 = try ConvolutionBlock(
      weights["cv1"], from: channels, to: channels, reading: map.format, writing: hidden, build)
    cv2 = try ConvolutionBlock(
      weights["cv2"], from: channels, to: channels, kernel: 3, reading: hidden.format, writing: map, build)
    self.shortcut = shortcut
    try YOLOv5Layout.require("add", .bool(shortcut), of: weights)
  }

  /// Computes the block and replaces `x` by the result.
  func callAsFunction(_ x: TensorView, _ workspace: Workspace) {
    workspace.arena.scope {
      let hidden = workspace.arena.tensor(x.shape, cv1.output.format)
      cv1(x, into: hidden, workspace)
      cv2(hidden, into: x, adding: shortcut ? x : nil, workspace)
    }
  }
}

/// The block `C3` of YOLOv5: a CSP bottleneck with three convolutions, `cv3(concat(m(cv1(x)), cv2(x)))`.
///
/// `cv1` and `cv2` run as one convolution, whose output is the concatenation. The bottlenecks work in its first half.
struct C3: Sendable {
  let cv1cv2: ConvolutionBlock
  let m: [Bottleneck]
  let cv3: ConvolutionBlock

  init(
    _ weights: WeightReader, from inputs: Int, to outputs: Int, shortcut: Bool, reading input: MapFormat,
    writing output: NamedMap? = nil, _ build: YOLOv5Build
  ) throws {
    let hidden = try build.leadingExtent(weights["cv1"])
    let both = try build.plan.map(weights["cv1"].path)
    cv1cv2 = try ConvolutionBlock(
      weights["cv1"], weights["cv2"], from: inputs, to: hidden, reading: input, writing: both, build)
    m = try (0..<max(1, weights["m"].children.count)).map {
      try Bottleneck(weights["m"][$0], channels: hidden, shortcut: shortcut, in: both, build)
    }
    cv3 = try ConvolutionBlock(
      weights["cv3"], from: 2 * hidden, to: outputs, reading: both.format,
      writing: output ?? build.plan.map(weights.path), build)
  }

  func callAsFunction(_ x: TensorView, into y: TensorView, _ workspace: Workspace) {
    workspace.arena.scope {
      var shape = x.shape
      shape.channels = cv1cv2.convolution.configuration.outputChannels
      let both = workspace.arena.tensor(shape, cv1cv2.output.format)
      cv1cv2(x, into: both, workspace)
      let first = both.channels(0..<shape.channels / 2)
      for bottleneck in m { bottleneck(first, workspace) }
      cv3(both, into: y, workspace)
    }
  }
}

/// The block `SPPF` of YOLOv5: spatial pyramid pooling by three consecutive 5×5 max poolings,
/// `cv2(concat(x, m(x), m(m(x)), m(m(m(x)))))` with `x` the output of `cv1`.
struct SPPF: Sendable {
  let cv1: ConvolutionBlock
  let cv2: ConvolutionBlock
  let pooling: MaxPooling

  init(
    _ weights: WeightReader, from inputs: Int, to outputs: Int, reading input: MapFormat, _ build: YOLOv5Build
  ) throws {
    let hidden = try build.leadingExtent(weights["cv1"])
    let all = try build.plan.map(weights["cv1"].path)
    cv1 = try ConvolutionBlock(weights["cv1"], from: inputs, to: hidden, reading: input, writing: all, build)
    cv2 = try ConvolutionBlock(
      weights["cv2"], from: 4 * hidden, to: outputs, reading: all.format, writing: build.plan.map(weights.path), build)
    pooling = try MaxPooling(size: 5, stride: 1, padding: 2, engine: build.engine)
    for (attribute, value) in [("kernel_size", 5), ("stride", 1), ("padding", 2)] {
      try YOLOv5Layout.require(attribute, .int(value), of: weights["m"])
    }
  }

  func callAsFunction(_ x: TensorView, into y: TensorView, _ workspace: Workspace) {
    workspace.arena.scope {
      let hidden = cv1.convolution.configuration.outputChannels
      var shape = x.shape
      shape.channels = 4 * hidden
      let all = workspace.arena.tensor(shape, cv1.output.format)
      let parts = (0..<4).map { all.channels($0 * hidden..<($0 + 1) * hidden) }
      cv1(x, into: parts[0], workspace)
      for index in 0..<3 { pooling(parts[index], into: parts[index + 1], workspace) }
      cv2(all, into: y, workspace)
    }
  }
}
