import Kernels

/// The transform `G g Gᵀ` of 3×3 filters for Winograd's minimal filtering (Lavin and Gray, doi:10.1109/CVPR.2016.435),
/// for one of three tiles.
enum WinogradFilters: Hashable, Sendable {
  /// For tiles of 4×4 outputs: 36 filters.
  case four
  /// For tiles of 6×6 outputs: 64 filters.
  case six
  /// For tiles of 4×4 outputs with stride 2: 36 filters as 6×6, whose rows and columns 0 to 4 belong to the outer taps
  /// and 5 to the middle one.
  case strided

  typealias Vector = SIMD4<Float>

  /// The number of transformed filters in one dimension.
  var points: Int { self == .six ? 8 : 6 }

  /// Transforms one input channel's filters for `channels` outputs, a multiple of four.
  ///
  /// - Parameters:
  ///   - source: The 3×3 weights of the first output.
  ///   - sourceStride: Floats from one output's weights to the next one's.
  ///   - channels: The number of outputs.
  ///   - target: `[points * points][targetStride]`, of which the first `channels` of each row are written.
  ///   - targetStride: Floats from one transformed filter to the next.
  func transform(
    _ source: UnsafePointer<Float>, stride sourceStride: Int, channels: Int, into target: UnsafeMutablePointer<Float>,
    stride targetStride: Int
  ) {
    assert(channels % Vector.scalarCount == 0)
    var channel = 0
    while channel < channels {
      let g = source + channel * sourceStride
      func taps(_ tap: Int) -> Vector {
        Vector(g[tap], g[sourceStride + tap], g[2 * sourceStride + tap], g[3 * sourceStride + tap])
      }
      var columns = InlineArray<24, Vector>(repeating: .zero)
      for x in 0..<3 {
        let column = transform(taps(x), taps(3 + x), taps(6 + x))
        for y in 0..<points { columns[3 * y + x] = column[y] }
      }
      for y in 0..<points {
        let row = transform(columns[3 * y], columns[3 * y + 1], columns[3 * y + 2])
        for x in 0..<points {
          UnsafeMutableRawPointer(target + ((points * y + x) * targetStride + channel))
            .storeBytes(of: row[x], as: Vector.self)
        }
      }
      channel += Vector.scalarCount
    }
  }

  /// `G g` in one dimension; with six points the last two results are 0.
  @inline(__always)
  private func transform(_ g0: Vector, _ g1: Vector, _ g2: Vector) -> InlineArray<8, Vector> {
    switch self {
    case .four:
      let (even, odd) = ((g0 + g2) / 6, g1 / 6)
      let (far, near) = (g0 / 24 + g2 / 6, g1 / 12)
      return [g0 / 4, -even - odd, -even + odd, far + near, far - near, g2, .zero, .zero]
    case .six:
      let (even, odd) = ((g0 + g2) * -2 / 9, g1 * -2 / 9)
      let (far, near) = ((g0 + 4 * g2) / 90, g1 / 45)
      let (farInverse, nearInverse) = ((4 * g0 + g2) / 180, g1 / 90)
      return [
        g0, even + odd, even - odd, far + near, far - near, farInverse + nearInverse, farInverse - nearInverse, g2,
      ]
    case .strided:
      return [g0 / 2, -(g0 + g2) / 2, (g2 - g0) / 6, (g0 + 2 * g2) / 6, g2, g1, .zero, .zero]
    }
  }
}

extension PackedWeights {
  /// Transforms the weights of a 3×3 layer, and packs them as `[panel][filters][input][columns * lanes]`.
  ///
  /// - Parameters:
  ///   - layer: A layer whose numbers of channels are multiples of the lanes.
  ///   - roundsToBFloats: Whether every two rows of floats become one row of words, each with two inputs' bfloat16.
  ///   - panelColumns: The most vectors of output channels in a panel; those of the widest register tile if nil.
  init(
    _ layer: ConvolutionLayer, _ filters: WinogradFilters, roundsToBFloats: Bool = false, panelColumns: Int? = nil
  ) {
    let (inputs, outputs) = (layer.configuration.inputChannels, layer.configuration.outputChannels)
    let points = filters.points * filters.points
    let rows = roundsToBFloats ? inputs / 2 : inputs
    self.init(
      outputs: outputs, depth: points * rows, zeros: inputs, layer.bias, panelColumns: panelColumns,
      layer.engine.kernels)
    let (packed, weights) = (self, layer.weights)
    // A layer may have only one or two panels, so the threads share slices of them.
    let slice = 32
    let slices = (inputs + slice - 1) / slice
    layer.engine.pool.parallel(panels.count * slices) { _, unit in
      let panel = packed.panels[unit / slices]
      let width = panel.channels
      let target = packed.mutableWeights(panel)
      let first = unit % slices * slice
      weights.withUnsafeBufferPointer { weights in
        guard let weights = weights.baseAddress else { return }
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
    finish()
  }
}
