import Kernels

/// The weights of a convolution for the dot-product instructions, `[panel][position][word][columns * lanes]`. A word
/// holds two bfloat16 or four bytes of neighbouring input channels, padded with zeros.
struct PackedDots: Sendable {
  let panels: [Panel]
  /// Words per position.
  let depth: Int
  /// Whether a position is a whole row of the kernel.
  let mergesRows: Bool
  private let bytesPerChannel: Int
  private let buffer: AlignedBuffer
  private let floats: AlignedBuffer
  private let channels: Int

  /// The largest number of products of a byte, 0 to 255, and a weight, -127 to 127, whose sum always fits an `Int32`.
  static let productLimit = Int(Int32.max) / (255 * 127)

  /// Packs weights, quantising them for an input of bytes.
  ///
  /// For bytes, each output channel's weights are rounded to -127...127 times a scale of their own. What the input's
  /// zero point adds to a sum is subtracted from the bias.
  ///
  /// - Parameter layer: A layer whose input is bfloat16 or bytes.
  init(_ layer: ConvolutionLayer, _ dots: ReducedPrecisionKernels.Dots, lanes: Int) {
    let (c, weights, bias, format) = (layer.configuration, layer.weights, layer.bias, layer.format)
    mergesRows = c.window.canMergeRows && c.groups == 1
    let (positions, columns) = mergesRows ? (c.kernel.height, c.kernel.width) : (c.window.positions, 1)
    let elements = columns * c.inputChannels
    let group = 4 / format.byteCount
    depth = (elements + group - 1) / group
    let vectors = (c.outputChannels + lanes - 1) / lanes
    panels = Panel.split(outputs: c.outputChannels, maximum: dots.tileSizes.maximumColumns, lanes: lanes)
    bytesPerChannel = positions * depth * dots.weightBytes
    channels = vectors * lanes
    let zeroBytes = max(depth * 4, 64)
    buffer = AlignedBuffer(byteCount: channels * bytesPerChannel + zeroBytes)
    floats = AlignedBuffer(floats: 2 * channels)
    let zero = format.kind == .byte ? UInt8(format.zero) : 0
    (buffer.base + channels * bytesPerChannel).initializeMemory(as: UInt8.self, repeating: zero, count: zeroBytes)
    floats.floats.initialize(repeating: 0, count: 2 * channels)

    let area = c.window.positions
    let size = c.inputChannels * area
    for panel in panels {
      let base = buffer.base + panel.channel * bytesPerChannel
      for channel in 0..<panel.columns * lanes {
        let output = panel.channel + channel
        let exists = channel < panel.channels
        let largest = exists ? (0..<size).reduce(Float(0)) { max($0, abs(weights[output * size + $1])) } : 0
        // Denormal weights would give a scale of 0, or codes beyond 127. With a scale of 1 they become 0.
        let scale = format.kind == .byte && largest / 127 >= .leastNormalMagnitude ? largest / 127 : 1
        var sum = 0
        for position in 0..<positions {
          for word in 0..<depth {
            var codes = InlineArray<4, Int32>(repeating: 0)
            for slot in 0..<group where exists {
              let element = word * group + slot
              guard element < elements else { break }
              let (column, input) = (element / c.inputChannels, element % c.inputChannels)
              let weight = weights[(output * c.inputChannels + input) * area + position * columns + column]
              if format.kind == .byte {
                codes[slot] = Int32((weight / scale).rounded(.toNearestOrEven))
                sum += Int(codes[slot])
              } else {
                codes[slot] = Int32(weight.bfloat16)
              }
            }
            let place = (position * depth + word) * panel.columns + channel / lanes
            Self.store(
              codes, format.kind, base + place * dots.weightBytes * lanes, lane: channel % lanes, lanes: lanes,
              dots.weightBytes)
          }
        }
        guard exists else { continue }
        let factor = format.kind == .byte ? scale * format.scale : 1
        floats.floats[channels + output] = factor
        floats.floats[output] = (bias?[output] ?? 0) - (format.kind == .byte ? format.zero * factor * Float(sum) : 0)
      }
    }
    buffer.gatherHugePages()
  }

  /// Writes one channel's lane of a vector of words: two bfloat16, four bytes, or four bytes as two pairs of 16 bits.
  private static func store(
    _ codes: InlineArray<4, Int32>, _ kind: MapFormat.Kind, _ vector: UnsafeMutableRawPointer, lane: Int, lanes: Int,
    _ weightBytes: Int
  ) {
    func put(_ word: Int32, _ index: Int) { vector.storeBytes(of: word, toByteOffset: 4 * index, as: Int32.self) }
    func pair(_ low: Int32, _ high: Int32) -> Int32 { (low & 0xffff) | high << 16 }
    if kind == .bfloat16 {
      put(pair(codes[0], codes[1]), lane)
    } else if weightBytes == 4 {
      put(codes[0] & 0xff | (codes[1] & 0xff) << 8 | (codes[2] & 0xff) << 16 | codes[3] << 24, lane)
    } else {
      put(pair(codes[0], codes[1]), lane)
      put(pair(codes[2], codes[3]), lanes + lane)
    }
  }

  func weights(_ panel: Panel) -> UnsafeRawPointer {
    UnsafeRawPointer(buffer.base + panel.channel * bytesPerChannel)
  }

  func bias(_ panel: Panel) -> UnsafePointer<Float> { UnsafePointer(floats.floats + panel.channel) }

  func scales(_ panel: Panel) -> UnsafePointer<Float> {
    UnsafePointer(floats.floats + channels + panel.channel)
  }

  /// What a tap outside of the input reads: bytes that stand for 0.
  var zeros: UnsafeRawPointer { UnsafeRawPointer(buffer.base + channels * bytesPerChannel) }
}
