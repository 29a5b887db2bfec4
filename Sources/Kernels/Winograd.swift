/// Where the output of a Winograd tile goes.
public struct WinogradOutput {
  /// `[36][tiles][channels]`, from this tile's first product on.
  public var products: UnsafePointer<Float>
  /// Floats from one of the 36 products to the next.
  public var productStride: Int
  /// `[channels]`.
  public var bias: UnsafePointer<Float>
  /// Whole vectors.
  public var channels: Int
  /// What follows sum and bias.
  public var activation: Activation
  /// Top left pixel of the tile in the residual, where there is one.
  public var residual: UnsafeRawPointer?
  /// Elements from one pixel of the residual to the next.
  public var residualPixel: Int
  /// Elements from one row of the residual to the next.
  public var residualRow: Int
  /// Whether the residual is added before the activation rather than after it.
  public var addsBeforeActivation: Bool
  /// Top left pixel of the tile in the output.
  public var output: UnsafeMutableRawPointer
  /// Elements from one pixel of the output to the next.
  public var outputPixel: Int
  /// Elements from one row of the output to the next.
  public var outputRow: Int
  /// Rows of the tile inside the output, 1 to 4.
  public var height: Int
  /// Columns of the tile inside the output, 1 to 4.
  public var width: Int

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    products: UnsafePointer<Float>, productStride: Int, bias: UnsafePointer<Float>, channels: Int,
    activation: Activation, residual: UnsafeRawPointer?, residualPixel: Int, residualRow: Int,
    addsBeforeActivation: Bool, output: UnsafeMutableRawPointer, outputPixel: Int, outputRow: Int, height: Int,
    width: Int
  ) {
    self.products = products
    self.productStride = productStride
    self.bias = bias
    self.channels = channels
    self.activation = activation
    self.residual = residual
    self.residualPixel = residualPixel
    self.residualRow = residualRow
    self.addsBeforeActivation = addsBeforeActivation
    self.output = output
    self.outputPixel = outputPixel
    self.outputRow = outputRow
    self.height = height
    self.width = width
  }
}

/// Winograd's minimal filtering F(4×4, 3×3) (Lavin and Gray, 2015): four outputs of a 3-tap filter from six products.
/// `channels` are whole vectors.
extension InstructionSet {
  /// `B^T d B` of the 6×6 pixels that `taps` address, channel by channel, to `target[36 * targetStride]`.
  ///
  /// - Parameter load: Reads a vector of a pixel, from a channel on.
  @inlinable @inline(__always)
  public static func winogradInput(
    _ taps: UnsafePointer<UnsafeRawPointer>, _ channels: Int, _ target: UnsafeMutablePointer<Float>,
    _ targetStride: Int, load: (UnsafeRawPointer, Int) -> Vector
  ) {
    var channel = 0
    while channel < channels {
      var rows = InlineArray<36, Vector>(repeating: .zero)
      for x in 0..<6 {
        let column = winogradInput(
          load(taps[x], channel), load(taps[6 &+ x], channel), load(taps[12 &+ x], channel),
          load(taps[18 &+ x], channel), load(taps[24 &+ x], channel), load(taps[30 &+ x], channel))
        for y in 0..<6 { rows[unchecked: 6 &* y &+ x] = column[unchecked: y] }
      }
      for y in 0..<6 {
        let row = winogradInput(
          rows[unchecked: 6 &* y], rows[unchecked: 6 &* y &+ 1], rows[unchecked: 6 &* y &+ 2],
          rows[unchecked: 6 &* y &+ 3], rows[unchecked: 6 &* y &+ 4], rows[unchecked: 6 &* y &+ 5])
        for x in 0..<6 { store(row[unchecked: x], target + ((6 &* y &+ x) &* targetStride &+ channel)) }
      }
      channel &+= lanes
    }
  }

  /// `A^T m A` of one tile's 36 products, then bias, residual and activation.
  ///
  /// - Parameters:
  ///   - read: Reads a vector of the residual, an offset in elements away.
  ///   - write: Writes one to the output.
  @inlinable @inline(__always)
  public static func winogradOutput(
    _ tile: WinogradOutput, read: (UnsafeRawPointer, Int) -> Vector,
    write: (Vector, UnsafeMutableRawPointer, Int) -> Void
  ) {
    var channel = 0
    while channel < tile.channels {
      var rows = InlineArray<24, Vector>(repeating: .zero)
      let products = tile.products + channel
      let stride = tile.productStride
      for x in 0..<6 {
        let column = winogradOutput(
          load(products + x &* stride), load(products + (6 &+ x) &* stride), load(products + (12 &+ x) &* stride),
          load(products + (18 &+ x) &* stride), load(products + (24 &+ x) &* stride),
          load(products + (30 &+ x) &* stride))
        for y in 0..<4 { rows[unchecked: 6 &* y &+ x] = column[unchecked: y] }
      }
      let bias = load(tile.bias + channel)
      for y in 0..<tile.height {
        let row = winogradOutput(
          rows[unchecked: 6 &* y], rows[unchecked: 6 &* y &+ 1], rows[unchecked: 6 &* y &+ 2],
          rows[unchecked: 6 &* y &+ 3], rows[unchecked: 6 &* y &+ 4], rows[unchecked: 6 &* y &+ 5])
        for x in 0..<tile.width {
          var residual: Vector?
          if let base = tile.residual {
            residual = read(base, y &* tile.residualRow &+ x &* tile.residualPixel &+ channel)
          }
          write(
            winogradFinish(row[unchecked: x] + bias, residual, tile), tile.output,
            y &* tile.outputRow &+ x &* tile.outputPixel &+ channel)
        }
      }
      channel &+= lanes
    }
  }

  @inlinable @inline(__always)
  static func winogradFinish(_ sum: Vector, _ residual: Vector?, _ tile: WinogradOutput) -> Vector {
    var sum = sum
    if let residual, tile.addsBeforeActivation { sum += residual }
    switch tile.activation {
    case .none: break
    case .relu: sum = maximum(.zero, sum)
    case .silu: sum = silu(sum)
    }
    if let residual, !tile.addsBeforeActivation { sum += residual }
    return sum
  }

  /// `B^T d`, one dimension: 6 inputs to 6.
  @inlinable @inline(__always)
  static func winogradInput(
    _ d0: Vector, _ d1: Vector, _ d2: Vector, _ d3: Vector, _ d4: Vector, _ d5: Vector
  ) -> InlineArray<6, Vector> {
    let (two, four, five) = (Vector(repeating: 2), Vector(repeating: 4), Vector(repeating: 5))
    let even = multiplyAdd(-four, d2, d4)
    let odd = multiplyAdd(-four, d1, d3)
    let difference = d4 - d2
    let slope = two * (d3 - d1)
    return [
      multiplyAdd(four, d0, multiplyAdd(-five, d2, d4)), even + odd, even - odd, difference + slope,
      difference - slope, multiplyAdd(four, d1, multiplyAdd(-five, d3, d5)),
    ]
  }

  /// `A^T m`, one dimension: 6 products to 4.
  @inlinable @inline(__always)
  static func winogradOutput(
    _ m0: Vector, _ m1: Vector, _ m2: Vector, _ m3: Vector, _ m4: Vector, _ m5: Vector
  ) -> InlineArray<4, Vector> {
    let (two, four, eight) = (Vector(repeating: 2), Vector(repeating: 4), Vector(repeating: 8))
    let (sum1, difference1) = (m1 + m2, m1 - m2)
    let (sum2, difference2) = (m3 + m4, m3 - m4)
    return [
      m0 + sum1 + sum2, multiplyAdd(two, difference2, difference1), multiplyAdd(four, sum2, sum1),
      multiplyAdd(eight, difference2, difference1) + m5,
    ]
  }
}
