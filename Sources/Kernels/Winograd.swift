/// The operands of a Winograd tile's input transform.
public struct WinogradInput {
  /// Addresses of the pixels that the tile reads, 6 in a row, or 8 for a tile of 6×6.
  public var taps: UnsafePointer<UnsafeRawPointer>
  /// Rows of the tile inside the output: 1 to 4, or 1 to 6.
  public var height: Int
  /// Columns of the tile inside the output: 1 to 4, or 1 to 6.
  public var width: Int
  /// Input channels, a multiple of `lanes`.
  public var channels: Int
  /// `[products][targetStride]`, from this tile's first operand on.
  public var target: UnsafeMutableRawPointer
  /// Elements from one product's operands to the next one's.
  public var targetStride: Int

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    taps: UnsafePointer<UnsafeRawPointer>, height: Int, width: Int, channels: Int, target: UnsafeMutableRawPointer,
    targetStride: Int
  ) {
    self.taps = taps
    self.height = height
    self.width = width
    self.channels = channels
    self.target = target
    self.targetStride = targetStride
  }
}

/// The operands of a Winograd tile's output transform.
public struct WinogradOutput {
  /// `[products][tiles][channels]`, from this tile's first product on: 36 products, 64, or 81 with stride 2.
  public var products: UnsafePointer<Float>
  /// Floats from one product to the next; not read with stride 2, which has a table of offsets.
  public var productStride: Int
  /// `[channels]`.
  public var bias: UnsafePointer<Float>
  /// Output channels, a multiple of `lanes`.
  public var channels: Int
  /// Applied to the sum with its bias.
  public var activation: Activation
  /// Top left pixel of the tile in the residual, or nil.
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
  /// Rows of the tile inside the output: 1 to 4, or 1 to 6 with 64 products.
  public var height: Int
  /// Columns of the tile inside the output: 1 to 4, or 1 to 6 with 64 products.
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

/// Whether a Winograd tile of the given extent, 1 to 4, has a product on the given point, 0 to 5.
@inlinable @inline(__always)
public func winogradTile(_ extent: Int, has point: Int) -> Bool { point <= extent || point == 5 }

/// Winograd's minimal filtering for a 3×3 kernel of stride 1 (Lavin and Gray, doi:10.1109/CVPR.2016.435).
///
/// Four outputs of a row need six products, on the points 0, ±1, ±2 and ∞. Three, two or one outputs use the same
/// filters on the first of these points, with one product less for each. So a tile of `height` × `width` outputs has
/// `(height + 2) * (width + 2)` of the 36 products.
///
/// The product of points `(y, x)` has the number `6 * y + x`. `channels` is a multiple of `lanes`.
extension InstructionSet {
  /// Computes `B^T d B` of a tile's pixels, channel by channel.
  ///
  /// - Parameters:
  ///   - load: Reads a vector of a pixel's channels, starting at the given one.
  ///   - write: Writes a vector at an offset in elements.
  @inlinable @inline(__always)
  public static func winogradInput(
    _ tile: WinogradInput, load: (UnsafeRawPointer, Int) -> Vector,
    write: (Vector, UnsafeMutableRawPointer, Int) -> Void
  ) {
    assert((1...4).contains(tile.height) && (1...4).contains(tile.width) && tile.channels % lanes == 0)
    assert(tile.targetStride >= tile.channels)
    if tile.height == 4, tile.width == 4 {
      winogradInputTile(tile, height: 4, width: 4, load: load, write: write)
    } else {
      winogradInputTile(tile, height: tile.height, width: tile.width, load: load, write: write)
    }
  }

  @inlinable @inline(__always)
  static func winogradInputTile(
    _ tile: WinogradInput, height: Int, width: Int, load: (UnsafeRawPointer, Int) -> Vector,
    write: (Vector, UnsafeMutableRawPointer, Int) -> Void
  ) {
    var channel = 0
    while channel < tile.channels {
      var rows = InlineArray<36, Vector>(repeating: .zero)
      for x in 0..<width &+ 2 {
        let column = winogradInput(height) { load(tile.taps[6 &* $0 &+ x], channel) }
        for y in 0..<6 { rows[unchecked: 6 &* y &+ x] = column[unchecked: y] }
      }
      for y in 0..<6 where winogradTile(height, has: y) {
        let row = winogradInput(width) { rows[unchecked: 6 &* y &+ $0] }
        for x in 0..<6 where winogradTile(width, has: x) {
          write(row[unchecked: x], tile.target, (6 &* y &+ x) &* tile.targetStride &+ channel)
        }
      }
      channel &+= lanes
    }
  }

  /// Computes `A^T m A` of one tile's products, then applies bias, residual and activation.
  ///
  /// - Parameters:
  ///   - read: Reads a vector of the residual at an offset in elements.
  ///   - write: Writes a vector to the output at an offset in elements.
  @inlinable @inline(__always)
  public static func winogradOutput(
    _ tile: WinogradOutput, read: (UnsafeRawPointer, Int) -> Vector,
    write: (Vector, UnsafeMutableRawPointer, Int) -> Void
  ) {
    assert((1...4).contains(tile.height) && (1...4).contains(tile.width) && tile.channels % lanes == 0)
    assert(tile.productStride >= tile.channels && tile.outputPixel >= tile.channels)
    if tile.height == 4, tile.width == 4 {
      winogradOutputTile(tile, 4, 4, read: read, write: write)
    } else {
      winogradOutputTile(tile, tile.height, tile.width, read: read, write: write)
    }
  }

  @inlinable @inline(__always)
  static func winogradOutputTile(
    _ tile: WinogradOutput, _ height: Int, _ width: Int, read: (UnsafeRawPointer, Int) -> Vector,
    write: (Vector, UnsafeMutableRawPointer, Int) -> Void
  ) {
    var channel = 0
    while channel < tile.channels {
      var rows = InlineArray<24, Vector>(repeating: .zero)
      let products = tile.products + channel
      let stride = tile.productStride
      for x in 0..<6 where winogradTile(width, has: x) {
        let column = winogradOutput(height) { load(products + (6 &* $0 &+ x) &* stride) }
        for y in 0..<4 { rows[unchecked: 6 &* y &+ x] = column[unchecked: y] }
      }
      let bias = load(tile.bias + channel)
      for y in 0..<height {
        let row = winogradOutput(width) { rows[unchecked: 6 &* y &+ $0] }
        winogradStore(tile, y, width, channel, read: read, write: write) { row[unchecked: $0] + bias }
      }
      channel &+= lanes
    }
  }

  /// Applies residual and activation to one row of a tile's outputs and writes it, one vector of channels.
  @inlinable @inline(__always)
  static func winogradStore(
    _ tile: WinogradOutput, _ y: Int, _ width: Int, _ channel: Int, read: (UnsafeRawPointer, Int) -> Vector,
    write: (Vector, UnsafeMutableRawPointer, Int) -> Void, sum: (Int) -> Vector
  ) {
    for x in 0..<width {
      var residual: Vector?
      if let base = tile.residual {
        residual = read(base, y &* tile.residualRow &+ x &* tile.residualPixel &+ channel)
      }
      write(
        winogradFinish(sum(x), residual, tile), tile.output, y &* tile.outputRow &+ x &* tile.outputPixel &+ channel)
    }
  }

  /// Applies residual and activation to one row of a tile's outputs and writes it to a map of floats.
  @inlinable @inline(__always)
  static func winogradStore(_ tile: WinogradOutput, _ y: Int, _ channel: Int, sum: (Int) -> Vector) {
    winogradStore(
      tile, y, tile.width, channel, read: { load($0, $1) }, write: { store($0, $1, $2) }, sum: sum)
  }

  @inlinable @inline(__always)
  static func winogradFinish(_ sum: Vector, _ residual: Vector?, _ tile: WinogradOutput) -> Vector {
    var sum = sum
    if let residual, tile.addsBeforeActivation { sum += residual }
    sum = activate(sum, tile.activation)
    if let residual, !tile.addsBeforeActivation { sum += residual }
    return sum
  }

  /// `B^T d` in one dimension: transforms `outputs + 2` pixels to as many operands, each at its point's number.
  @inlinable @inline(__always)
  static func winogradInput(_ outputs: Int, _ d: (Int) -> Vector) -> InlineArray<6, Vector> {
    let (two, three, four) = (Vector(repeating: 2), Vector(repeating: 3), Vector(repeating: 4))
    let (d0, d1, d2) = (d(0), d(1), d(2))
    if outputs == 1 { return [four * (d0 - d1), Vector(repeating: -6) * d1, .zero, .zero, .zero, d2 - d1] }
    let d3 = d(3)
    if outputs == 2 {
      return [four * (d0 - d2), -three * (d1 + d2), three * (d1 - d2), .zero, .zero, d3 - d1]
    }
    let d4 = d(4)
    let slope = two * (d3 - d1)
    if outputs == 3 {
      return [
        multiplyAdd(four, d0 - d2, slope), three * multiplyAdd(-two, d1, d3 - d2),
        multiplyAdd(two, d1, multiplyAdd(-three, d2, d3)), two * slope, .zero, (d4 - d2) - slope,
      ]
    }
    let (five, d5) = (Vector(repeating: 5), d(5))
    let even = multiplyAdd(-four, d2, d4)
    let odd = multiplyAdd(-four, d1, d3)
    let difference = d4 - d2
    return [
      multiplyAdd(four, d0, multiplyAdd(-five, d2, d4)), even + odd, even - odd, difference + slope,
      difference - slope, multiplyAdd(four, d1, multiplyAdd(-five, d3, d5)),
    ]
  }

  /// `A^T m` in one dimension: transforms products, each at its point's number, to `outputs` outputs.
  @inlinable @inline(__always)
  static func winogradOutput(_ outputs: Int, _ m: (Int) -> Vector) -> InlineArray<4, Vector> {
    let (two, four, eight) = (Vector(repeating: 2), Vector(repeating: 4), Vector(repeating: 8))
    let (m0, m1, m5) = (m(0), m(1), m(5))
    if outputs == 1 { return [m0 + m1 + m5, .zero, .zero, .zero] }
    let m2 = m(2)
    let (sum1, difference1) = (m1 + m2, m1 - m2)
    if outputs == 2 { return [m0 + sum1, difference1 + m5, .zero, .zero] }
    let m3 = m(3)
    if outputs == 3 {
      return [m0 + sum1 + m3, multiplyAdd(two, m3, difference1), multiplyAdd(four, m3, sum1) + m5, .zero]
    }
    let m4 = m(4)
    let (sum2, difference2) = (m3 + m4, m3 - m4)
    return [
      m0 + sum1 + sum2, multiplyAdd(two, difference2, difference1), multiplyAdd(four, sum2, sum1),
      multiplyAdd(eight, difference2, difference1) + m5,
    ]
  }
}
