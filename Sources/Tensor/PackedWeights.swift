import Kernels

/// The weights of a convolution in the order in which the tiles read them, `[panel][row][columns * lanes]`, with the
/// last panel padded with zeros, and the biases.
struct PackedWeights: Sendable {
  let panels: [Panel]
  /// Rows of weights in a panel: `positions * inputs` for the direct sum.
  let depth: Int
  private let buffer: AlignedBuffer
  private let biasOffset: Int
  private let zerosOffset: Int

  /// Takes memory for the weights, and fills in biases and zeros.
  ///
  /// - Parameters:
  ///   - depth: Rows of weights in a panel.
  ///   - zeros: The number of zeros that a tap outside of the input reads.
  ///   - panelColumns: The most vectors of output channels in a panel; those of the widest register tile if nil.
  init(outputs: Int, depth: Int, zeros: Int, _ bias: [Float]?, panelColumns: Int?, _ kernels: KernelTable) {
    let lanes = kernels.lanes
    panels = Panel.split(outputs: outputs, maximum: panelColumns ?? kernels.tileSizes.maximumColumns, lanes: lanes)
    self.depth = depth
    let channels = (outputs + lanes - 1) / lanes * lanes
    biasOffset = channels * depth
    zerosOffset = biasOffset + channels
    // Products without a bias read a panel's width of zeros.
    let zeros = max(zeros, panels.widest * lanes)
    buffer = AlignedBuffer(floats: zerosOffset + zeros)
    (buffer.floats + biasOffset).initialize(repeating: 0, count: channels + zeros)
    if let bias {
      for (channel, value) in bias.enumerated() { buffer.floats[biasOffset + channel] = value }
    }
  }

  /// Packs the weights of a layer for the direct sum, `[panel][position][input][columns * lanes]`.
  init(_ layer: ConvolutionLayer, panelColumns: Int? = nil) {
    let (c, kernels) = (layer.configuration, layer.engine.kernels)
    let (inputs, positions) = (c.inputChannels, c.window.positions)
    self.init(
      outputs: c.outputChannels, depth: positions * inputs, zeros: inputs, layer.bias, panelColumns: panelColumns,
      kernels)
    let (packed, lanes) = (self, kernels.lanes)
    let weights = layer.weights
    layer.engine.pool.parallel(panels.count) { _, index in
      let panel = packed.panels[index]
      var target = packed.mutableWeights(panel)
      let width = panel.columns * lanes
      weights.withUnsafeBufferPointer { weights in
        for position in 0..<positions {
          for input in 0..<inputs {
            var source = (panel.channel * inputs + input) * positions + position
            for channel in 0..<panel.channels {
              target[channel] = weights[source]
              source &+= packed.depth
            }
            for channel in panel.channels..<width { target[channel] = 0 }
            target += width
          }
        }
      }
    }
    finish()
  }

  /// The weights of a panel, to be filled in before the weights are shared.
  func mutableWeights(_ panel: Panel) -> UnsafeMutablePointer<Float> { buffer.floats + panel.channel * depth }

  /// Ends the packing.
  func finish() { buffer.gatherHugePages() }

  func weights(_ panel: Panel) -> UnsafePointer<Float> { UnsafePointer(mutableWeights(panel)) }

  func bias(_ panel: Panel) -> UnsafePointer<Float> { UnsafePointer(buffer.floats + biasOffset + panel.channel) }

  /// The zeros that a tap outside of the input reads: as many as there are inputs, and at least a panel's width.
  var zeros: UnsafePointer<Float> { UnsafePointer(buffer.floats + zerosOffset) }
}
