import Kernels

/// The weights of a matrix product or a convolution in the order in which the tiles read them: panels of a few
/// vectors of output channels, `[panel][position][input][columns * lanes]`, the last panel padded with zeros.
struct PackedWeights: Sendable {
  struct Panel: Sendable {
    /// Vectors of output channels.
    let columns: Int
    /// First output channel.
    let channel: Int
    /// Output channels, the padding left out.
    let channels: Int
  }

  let panels: [Panel]
  /// Floats a vector column takes: `positions * inputs`.
  let depth: Int
  private let lanes: Int
  private let buffer: AlignedBuffer
  private let biasOffset: Int
  private let zerosOffset: Int

  /// - Parameter weights: `[outputs][inputs][positions]`.
  init(_ weights: [Float], _ bias: [Float]?, outputs: Int, inputs: Int, positions: Int, _ engine: Engine) {
    let kernels = engine.kernels
    lanes = kernels.lanes
    let lanes = kernels.lanes
    let vectors = (outputs + lanes - 1) / lanes
    panels = Self.split(vectors, maximum: kernels.maximumColumns, lanes, outputs)
    depth = positions * inputs
    biasOffset = vectors * lanes * depth
    zerosOffset = biasOffset + vectors * lanes
    let zeros = max(inputs, kernels.maximumColumns * lanes)
    buffer = AlignedBuffer(floats: zerosOffset + zeros)
    let base = buffer.floats
    (base + biasOffset).initialize(repeating: 0, count: vectors * lanes + zeros)
    if let bias {
      for (channel, value) in bias.enumerated() { base[biasOffset + channel] = value }
    }
    weights.withUnsafeBufferPointer { weights in
      Self.forEach(panels, engine) { [depth] panel in
        var target = base + panel.channel * depth
        let width = panel.columns * lanes
        for position in 0..<positions {
          for input in 0..<inputs {
            var source = (panel.channel * inputs + input) * positions + position
            for channel in 0..<panel.channels {
              target[channel] = weights[source]
              source &+= depth
            }
            for channel in panel.channels..<width { target[channel] = 0 }
            target += width
          }
        }
      }
    }
  }

  /// The weights of a 3×3 convolution transformed for Winograd, `G g G^T`: `[panel][filters][input][columns * lanes]`.
  ///
  /// - Parameters:
  ///   - weights: `[outputs][inputs][9]`, `outputs` a multiple of the lanes.
  ///   - stride: 1 or 2.
  ///   - size: Outputs of a tile, both ways: 4, which has 36 filters, or 6, which has 64 and stride 1.
  init(
    winograd weights: [Float], _ bias: [Float]?, outputs: Int, inputs: Int, stride: Int, size: Int, _ engine: Engine
  ) {
    let kernels = engine.kernels
    lanes = kernels.lanes
    panels = Self.split(outputs / lanes, maximum: kernels.maximumColumns, lanes, outputs)
    depth = (size + 2) * (size + 2) * inputs
    biasOffset = outputs * depth
    zerosOffset = biasOffset + outputs
    let zeros = max(inputs, kernels.maximumColumns * lanes)
    buffer = AlignedBuffer(floats: zerosOffset + zeros)
    let base = buffer.floats
    (base + biasOffset).initialize(repeating: 0, count: outputs + zeros)
    if let bias {
      for (channel, value) in bias.enumerated() { base[biasOffset + channel] = value }
    }
    weights.withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress else { return }
      Self.forEach(panels, engine) { [depth] panel in
        for input in 0..<inputs {
          let source = weights + (panel.channel * inputs + input) * 9
          let target = base + panel.channel * depth + input * panel.channels
          if stride == 1 {
            winogradFilters(
              source, stride: inputs * 9, channels: panel.channels, into: target, stride: inputs * panel.channels,
              size: size)
          } else {
            StridedWinogradFilters.transform(
              source, stride: inputs * 9, channels: panel.channels, into: target, stride: inputs * panel.channels)
          }
        }
      }
    }
  }

  /// Fills the panels on all threads, each by one: a panel is about a huge page, whose first touch costs more than what
  /// is written.
  private static func forEach(_ panels: [Panel], _ engine: Engine, _ body: (Panel) -> Void) {
    engine.pool.parallel(panels.count) { _, index in body(panels[index]) }
  }

  /// Rounds transformed weights to bfloat16, in place: of each matrix pairs of rows become rows of words, which fill the
  /// first half of its place.
  func roundToBFloats(inputs: Int) {
    for panel in panels {
      let width = panel.columns * lanes
      for position in 0..<depth / inputs {
        let matrix = buffer.floats + panel.channel * depth + position * inputs * width
        for pair in 0..<inputs / 2 {
          for channel in 0..<width {
            let low = UInt32(matrix[2 * pair * width + channel].bfloat16)
            let high = UInt32(matrix[(2 * pair + 1) * width + channel].bfloat16)
            matrix[pair * width + channel] = Float(bitPattern: high << 16 | low)
          }
        }
      }
    }
  }

  /// As few panels as possible, as equal as possible.
  static func split(_ vectors: Int, maximum: Int, _ lanes: Int, _ outputs: Int) -> [Panel] {
    let count = (vectors + maximum - 1) / maximum
    var first = 0
    return (0..<count).map { index in
      let columns = vectors / count + (index < vectors % count ? 1 : 0)
      defer { first += columns }
      return Panel(
        columns: columns, channel: first * lanes, channels: min(columns * lanes, outputs - first * lanes))
    }
  }

  func weights(_ panel: Panel) -> UnsafePointer<Float> { UnsafePointer(buffer.floats + panel.channel * depth) }

  func bias(_ panel: Panel) -> UnsafePointer<Float> { UnsafePointer(buffer.floats + biasOffset + panel.channel) }

  /// As many zeros as there are inputs, and at least a panel's width: what a tap outside of the input reads.
  var zeros: UnsafePointer<Float> { UnsafePointer(buffer.floats + zerosOffset) }
}
