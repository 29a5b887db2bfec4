import Tensor

/// The block `Conv` of YOLOv5: convolution, batch normalization and SiLU. The normalization is folded into the weights.
struct ConvolutionBlock: Sendable {
  let convolution: Convolution
  /// The map that the block writes, in whole or in part.
  let output: NamedMap

  init(
    _ layers: LayerBuilder, from inputs: Int, to outputs: Int, kernel: Int = 1, stride: Int = 1,
    padding: Extent? = nil, reading input: MapFormat, writing output: NamedMap
  ) throws {
    self.output = output
    try YOLOv5Layout.requireGeometry(kernel: kernel, stride: stride, of: layers["conv"].weights)
    convolution = try layers.reading(input)["conv"].convolution(
      normalization: layers["bn"], from: inputs, to: outputs, kernel: .init(kernel), stride: .init(stride),
      padding: padding, activation: .silu)
  }

  /// The number of output channels.
  var outputs: Int { convolution.configuration.outputChannels }

  /// Makes a block from a convolution.
  init(_ convolution: Convolution, writing output: NamedMap) {
    self.convolution = convolution
    self.output = output
  }

  /// Combines two 1×1 blocks on one input into one block; the outputs of `first` come first.
  init(
    _ first: LayerBuilder, _ second: LayerBuilder, from inputs: Int, to outputs: Int, reading input: MapFormat,
    writing output: NamedMap
  ) throws {
    self.output = output
    let parts = try [first, second].map { part in
      try YOLOv5Layout.requireGeometry(kernel: 1, stride: 1, of: part["conv"].weights)
      return try part["conv"].folded(normalization: part["bn"], from: inputs, to: outputs, kernel: 1)
    }
    convolution = try first.reading(input).convolution(parts[0] + parts[1], activation: .silu)
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

  init(_ layers: LayerBuilder, channels: Int, shortcut: Bool, in map: NamedMap) throws {
    let hidden = try layers["cv1"].map
    cv1 = try ConvolutionBlock(layers["cv1"], from: channels, to: channels, reading: map.format, writing: hidden)
    cv2 = try ConvolutionBlock(
      layers["cv2"], from: channels, to: channels, kernel: 3, reading: hidden.format, writing: map)
    self.shortcut = shortcut
    try YOLOv5Layout.require("add", .bool(shortcut), of: layers.weights)
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
    _ layers: LayerBuilder, from inputs: Int, to outputs: Int, shortcut: Bool, reading input: MapFormat,
    writing output: NamedMap? = nil
  ) throws {
    let hidden = try layers["cv1"].width
    let both = try layers["cv1"].map
    cv1cv2 = try ConvolutionBlock(
      layers["cv1"], layers["cv2"], from: inputs, to: hidden, reading: input, writing: both)
    m = try (0..<max(1, layers["m"].count)).map {
      try Bottleneck(layers["m"][$0], channels: hidden, shortcut: shortcut, in: both)
    }
    cv3 = try ConvolutionBlock(
      layers["cv3"], from: 2 * hidden, to: outputs, reading: both.format, writing: output ?? layers.map)
  }

  func callAsFunction(_ x: TensorView, into y: TensorView, _ workspace: Workspace) {
    workspace.arena.scope {
      var shape = x.shape
      shape.channels = cv1cv2.outputs
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
    _ layers: LayerBuilder, from inputs: Int, to outputs: Int, reading input: MapFormat
  ) throws {
    let hidden = try layers["cv1"].width
    let all = try layers["cv1"].map
    cv1 = try ConvolutionBlock(layers["cv1"], from: inputs, to: hidden, reading: input, writing: all)
    cv2 = try ConvolutionBlock(
      layers["cv2"], from: 4 * hidden, to: outputs, reading: all.format, writing: layers.map)
    pooling = try MaxPooling(size: 5, stride: 1, padding: 2, engine: layers.engine)
    for (attribute, value) in [("kernel_size", 5), ("stride", 1), ("padding", 2)] {
      try YOLOv5Layout.require(attribute, .int(value), of: layers["m"].weights)
    }
  }

  func callAsFunction(_ x: TensorView, into y: TensorView, _ workspace: Workspace) {
    workspace.arena.scope {
      let hidden = cv1.outputs
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

extension LayerBuilder {
  /// The number of output channels of the block `Conv` at this place.
  var width: Int {
    get throws(WeightFileError) { try self["conv"].outputs(rank: 4) }
  }

  /// The map that the block at this place writes, unless it writes a part of a concatenation.
  var map: NamedMap {
    get throws(WeightFileError) { try plan.map(weights.path) }
  }
}
