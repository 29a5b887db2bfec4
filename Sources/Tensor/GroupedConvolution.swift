/// A convolution of several groups of channels: each group is a convolution of its own, on slices of the maps.
struct GroupedConvolution: ConvolutionAlgorithm {
  private let groups: [any ConvolutionAlgorithm]
  /// Channels of a group.
  private let inputs: Int
  private let outputs: Int

  init(_ layer: ConvolutionLayer) throws(TensorError) {
    var c = layer.configuration
    let (groupCount, size) = (c.groups, c.weightCount / c.groups)
    let (inputs, outputs) = (c.inputChannels / groupCount, c.outputChannels / groupCount)
    (c.inputChannels, c.outputChannels, c.groups) = (inputs, outputs, 1)
    let choice = ConvolutionChoice(c, layer.format, layer.engine)
    var groups: [any ConvolutionAlgorithm] = []
    for group in 0..<groupCount {
      groups.append(
        try choice(
          ConvolutionLayer(
            configuration: c, weights: Array(layer.weights[group * size..<(group + 1) * size]),
            bias: layer.bias.map { Array($0[group * outputs..<(group + 1) * outputs]) }, format: layer.format,
            engine: layer.engine)))
    }
    self.groups = groups
    self.inputs = inputs
    self.outputs = outputs
  }

  var name: String { "\(groups.count) groups, \(groups[0].name)" }

  func callAsFunction(
    _ input: TensorView, into output: TensorView, adding residual: TensorView?, _ workspace: Workspace
  ) {
    for (index, group) in groups.enumerated() {
      let range = index * outputs..<(index + 1) * outputs
      group(
        input.channels(index * inputs..<(index + 1) * inputs), into: output.channels(range),
        adding: residual?.channels(range), workspace)
    }
  }
}
