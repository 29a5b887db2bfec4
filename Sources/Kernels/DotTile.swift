/// A dot-product instruction: it multiplies the numbers of a 32-bit word of the input, two bfloat16 or four bytes, by
/// those of a word of each output channel's weights, and adds the products to a sum. Words are neighbouring channels of
/// an NHWC map.
public protocol DotInstruction: SendableMetatype {
  /// The level used for bias, activation and conversion.
  associatedtype ISA: StorageInstructionSet
  /// A vector of sums.
  associatedtype Sums: BitwiseCopyable
  /// A word of the input in every lane, or a vector of words of weights.
  associatedtype Words: BitwiseCopyable

  /// Sums of 0.
  static var zero: Sums { get }
  /// Bytes of the weights of one input word and one output channel.
  static var weightBytes: Int { get }
  /// `word` in every lane.
  static func broadcast(_ word: UInt32) -> Words
  /// Reads the weights of one vector of output channels.
  static func weights(_ pointer: UnsafeRawPointer) -> Words
  /// `sums` plus the products of `input` and `weights`.
  static func dot(_ sums: Sums, _ input: Words, _ weights: Words) -> Sums
  /// The sums as floats.
  static func floats(_ sums: Sums) -> ISA.Vector
}

/// A register tile of dot products: `rows` output pixels by `columns` vectors of output channels.
///
/// It works like `Tile`, but `depth` counts words, each with `columns * lanes` words of weights, and the maps have the
/// formats that the operands name.
public struct DotTile<Dot: DotInstruction, let rows: Int, let columns: Int> {
  typealias ISA = Dot.ISA

  /// Computes `count` consecutive tiles, `rows` pixels each.
  @inlinable @inline(__always)
  public static func run(_ operands: DotOperands, count: Int) {
    assert(count >= 0 && operands.positions > 0 && operands.depth > 0)
    assert(count * rows <= operands.tapStride || operands.positions == 1)
    assert(count <= 1 || operands.outputStride >= Dot.ISA.lanes * columns)
    assert(operands.residual == nil || count <= 1 || operands.residualStride >= Dot.ISA.lanes * columns)
    var taps = operands.taps
    var output = operands.output
    var residual = operands.residual
    for _ in 0..<count {
      finish(sums(operands, taps), operands, residual, output)
      taps += rows
      output += rows &* operands.outputStride &* operands.outputFormat.byteCount
      if let pointer = residual {
        residual = pointer + rows &* operands.residualStride &* operands.residualFormat.byteCount
      }
    }
  }

  @inlinable @inline(__always)
  static func sums(
    _ operands: DotOperands, _ taps: UnsafePointer<UnsafeRawPointer>
  ) -> InlineArray<rows, InlineArray<columns, Dot.Sums>> {
    var sums = InlineArray<rows, InlineArray<columns, Dot.Sums>>(repeating: .init(repeating: Dot.zero))
    var weights = operands.weights
    let step = Dot.weightBytes &* Dot.ISA.lanes
    for position in 0..<operands.positions {
      let taps = taps + position &* operands.tapStride
      var pixels = InlineArray<rows, UnsafeRawPointer>(repeating: taps.pointee)
      for i in 0..<rows { pixels[unchecked: i] = taps[i] }
      for k in 0..<operands.depth {
        var channels = InlineArray<columns, Dot.Words>(repeating: Dot.broadcast(0))
        for j in 0..<columns { channels[unchecked: j] = Dot.weights(weights + step &* j) }
        for i in 0..<rows {
          let word = Dot.broadcast(pixels[unchecked: i].loadUnaligned(fromByteOffset: 4 &* k, as: UInt32.self))
          for j in 0..<columns {
            sums[unchecked: i][unchecked: j] = Dot.dot(sums[unchecked: i][unchecked: j], word, channels[unchecked: j])
          }
        }
        weights += step &* columns
      }
    }
    return sums
  }

  @inlinable @inline(__always)
  static func finish(
    _ sums: InlineArray<rows, InlineArray<columns, Dot.Sums>>, _ operands: DotOperands, _ residual: UnsafeRawPointer?,
    _ output: UnsafeMutableRawPointer
  ) {
    var values = Tile<Dot.ISA, rows, columns>.Sums(repeating: .init(repeating: .zero))
    for j in 0..<columns {
      let bias = Dot.ISA.load(operands.bias + Dot.ISA.lanes &* j)
      let scale = Dot.ISA.load(operands.scales + Dot.ISA.lanes &* j)
      for i in 0..<rows {
        values[unchecked: i][unchecked: j] = Dot.ISA.multiplyAdd(
          Dot.floats(sums[unchecked: i][unchecked: j]), scale, bias)
      }
    }
    if operands.addsBeforeActivation { add(residual, operands, to: &values) }
    Tile<Dot.ISA, rows, columns>.activate(&values, operands.activation)
    if !operands.addsBeforeActivation { add(residual, operands, to: &values) }
    let format = operands.outputFormat
    for i in 0..<rows {
      for j in 0..<columns {
        Dot.ISA.store(
          values[unchecked: i][unchecked: j],
          output + (i &* operands.outputStride &+ Dot.ISA.lanes &* j) &* format.byteCount, format)
      }
    }
  }

  @inlinable @inline(__always)
  static func add(
    _ residual: UnsafeRawPointer?, _ operands: DotOperands, to values: inout Tile<Dot.ISA, rows, columns>.Sums
  ) {
    guard let residual else { return }
    let format = operands.residualFormat
    for i in 0..<rows {
      for j in 0..<columns {
        values[unchecked: i][unchecked: j] += Dot.ISA.load(
          residual + (i &* operands.residualStride &+ Dot.ISA.lanes &* j) &* format.byteCount, format)
      }
    }
  }
}
