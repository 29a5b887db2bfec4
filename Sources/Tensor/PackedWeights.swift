import Kernels

/// The weights of a convolution in the order in which the tiles read them (Goto and van de Geijn,
/// doi:10.1145/1356052.1356053): panels of a few vectors of output channels,
/// `[panel][position][input][columns * lanes]`, with the last panel padded with zeros.
struct PackedWeights: Sendable {
  struct Panel: Sendable {
    /// Vectors of output channels.
    let columns: Int
    /// First output channel.
    let channel: Int
    /// Output channels, without the padding.
    let channels: Int
  }

  let panels: [Panel]
  /// Vectors of output channels in the widest panel.
  var widest: Int { panels.reduce(1) { max($0, $1.columns) } }
  /// Weights per output channel, `positions * inputs`.
  let depth: Int
  private let lanes: Int
  private let buffer: AlignedBuffer
  private let biasOffset: Int
  private let zerosOffset: Int

  /// Packs weights for the direct sum.
  ///
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
      engine.pool.parallel(panels.count) { [panels, depth] _, index in
        let panel = panels[index]
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
    buffer.gatherHugePages()
  }

  /// Transforms the weights of a 3×3 convolution for Winograd's minimal filtering, and packs them as
  /// `[panel][filters][input][columns * lanes]`.
  ///
  /// - Parameters:
  ///   - weights: `[outputs][inputs][9]`, `outputs` a multiple of the lanes.
  ///   - roundsToBFloats: Whether every two rows of floats become one row of words, each with two inputs' bfloat16.
  init(
    winograd weights: [Float], _ bias: [Float]?, outputs: Int, inputs: Int, _ filters: WinogradFilters,
    roundsToBFloats: Bool, _ engine: Engine
  ) {
    let kernels = engine.kernels
    lanes = kernels.lanes
    panels = Self.split(outputs / lanes, maximum: kernels.maximumColumns, lanes, outputs)
    let points = filters.points * filters.points
    let rows = roundsToBFloats ? inputs / 2 : inputs
    depth = points * rows
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
      // A layer may have only one or two panels, so the threads share slices of them.
      let slice = 32
      let slices = (inputs + slice - 1) / slice
      engine.pool.parallel(panels.count * slices) { [panels, depth] _, unit in
        let panel = panels[unit / slices]
        let width = panel.channels
        let target = base + panel.channel * depth
        let first = unit % slices * slice
        func transform(_ input: Int, into target: UnsafeMutablePointer<Float>, stride: Int) {
          filters.transform(
            weights + (panel.channel * inputs + input) * 9, stride: inputs * 9, channels: width, into: target,
            stride: stride)
        }
        guard roundsToBFloats else {
          for input in first..<min(first + slice, inputs) {
            transform(input, into: target + input * width, stride: inputs * width)
          }
          return
        }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * points * width) { pair in
          guard let even = pair.baseAddress else { return }
          let odd = even + points * width
          for row in first / 2..<min(first + slice, inputs) / 2 {
            transform(2 * row, into: even, stride: width)
            transform(2 * row + 1, into: odd, stride: width)
            for point in 0..<points {
              for channel in point * width..<(point + 1) * width {
                let word = UInt32(odd[channel].bfloat16) << 16 | UInt32(even[channel].bfloat16)
                target[(point * rows + row) * width + channel - point * width] = Float(bitPattern: word)
              }
            }
          }
        }
      }
    }
    buffer.gatherHugePages()
  }

  /// Divides the vectors of output channels into as few panels as possible, as equal in size as possible.
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

  /// The zeros that a tap outside of the input reads: as many as there are inputs, and at least a panel's width.
  var zeros: UnsafePointer<Float> { UnsafePointer(buffer.floats + zerosOffset) }
}
