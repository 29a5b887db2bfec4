/// Winograd's F(6×6, 3×3) on the points 0, ±1, ±2, ±1/2 and ∞ (Lavin and Gray, doi:10.1109/CVPR.2016.435): 64 products
/// for 36 outputs, 1.78 per output; tiles of 4×4 need 2.25.
///
/// The product of points `(y, x)` has the number `8 * y + x`. `channels` is a multiple of `lanes`. Outputs of a tile
/// outside the map are computed but not written.
extension InstructionSet {
  /// Computes `B^T d B` of a tile's 8×8 pixels, channel by channel.
  @inlinable @inline(__always)
  public static func largeWinogradInput(_ tile: WinogradInput) {
    assert(tile.channels % lanes == 0 && tile.targetStride >= tile.channels)
    var channel = 0
    while channel < tile.channels {
      var rows = InlineArray<64, Vector>(repeating: .zero)
      for x in 0..<8 {
        let column = largeWinogradInput { load(tile.taps[8 &* $0 &+ x], channel) }
        for y in 0..<8 { rows[unchecked: 8 &* y &+ x] = column[unchecked: y] }
      }
      for y in 0..<8 {
        let row = largeWinogradInput { rows[unchecked: 8 &* y &+ $0] }
        for x in 0..<8 { store(row[unchecked: x], tile.target, (8 &* y &+ x) &* tile.targetStride &+ channel) }
      }
      channel &+= lanes
    }
  }

  /// Computes `A^T m A` of one tile's 64 products, then applies bias, residual and activation.
  @inlinable @inline(__always)
  public static func largeWinogradOutput(_ tile: WinogradOutput) {
    assert((1...6).contains(tile.height) && (1...6).contains(tile.width) && tile.channels % lanes == 0)
    assert(tile.productStride >= tile.channels && tile.outputPixel >= tile.channels)
    var channel = 0
    while channel < tile.channels {
      var rows = InlineArray<48, Vector>(repeating: .zero)
      let products = tile.products + channel
      let stride = tile.productStride
      for x in 0..<8 {
        let column = largeWinogradOutput { load(products + (8 &* $0 &+ x) &* stride) }
        for y in 0..<6 { rows[unchecked: 8 &* y &+ x] = column[unchecked: y] }
      }
      let bias = load(tile.bias + channel)
      for y in 0..<tile.height {
        let row = largeWinogradOutput { rows[unchecked: 8 &* y &+ $0] }
        winogradStore(tile, y, channel) { row[unchecked: $0] + bias }
      }
      channel &+= lanes
    }
  }

  /// Transforms eight pixels to eight operands, in one dimension.
  @inlinable @inline(__always)
  static func largeWinogradInput(_ d: (Int) -> Vector) -> InlineArray<8, Vector> {
    func scalar(_ value: Float) -> Vector { Vector(repeating: value) }
    let (d0, d1, d2, d3, d4, d5, d6, d7) = (d(0), d(1), d(2), d(3), d(4), d(5), d(6), d(7))
    let (even1, odd1) = (multiplyAdd(scalar(-4.25), d4, d2 + d6), multiplyAdd(scalar(-4.25), d3, d1 + d5))
    let even2 = multiplyAdd(scalar(0.25), d2, multiplyAdd(scalar(-1.25), d4, d6))
    let odd2 = multiplyAdd(scalar(0.5), d1, multiplyAdd(scalar(-2.5), d3, d5 + d5))
    let even3 = multiplyAdd(scalar(4), multiplyAdd(scalar(-1.25), d4, d2), d6)
    let odd3 = multiplyAdd(scalar(0.5), d5, multiplyAdd(scalar(-2.5), d3, d1 + d1))
    return [
      multiplyAdd(scalar(5.25), d4 - d2, d0 - d6), even1 + odd1, even1 - odd1, even2 + odd2, even2 - odd2,
      even3 + odd3, even3 - odd3, multiplyAdd(scalar(5.25), d3 - d5, d7 - d1),
    ]
  }

  /// Transforms eight products to six outputs, in one dimension.
  @inlinable @inline(__always)
  static func largeWinogradOutput(_ m: (Int) -> Vector) -> InlineArray<6, Vector> {
    func scalar(_ value: Float) -> Vector { Vector(repeating: value) }
    let (m1, m2, m3, m4, m5, m6) = (m(1), m(2), m(3), m(4), m(5), m(6))
    let (sum1, difference1) = (m1 + m2, m1 - m2)
    let (sum2, difference2) = (m3 + m4, m3 - m4)
    let (sum3, difference3) = (m5 + m6, m5 - m6)
    return [
      multiplyAdd(scalar(32), sum3, m(0) + (sum1 + sum2)),
      multiplyAdd(scalar(16), difference3, multiplyAdd(scalar(2), difference2, difference1)),
      multiplyAdd(scalar(8), sum3, multiplyAdd(scalar(4), sum2, sum1)),
      multiplyAdd(scalar(4), difference3, multiplyAdd(scalar(8), difference2, difference1)),
      multiplyAdd(scalar(2), sum3, multiplyAdd(scalar(16), sum2, sum1)),
      multiplyAdd(scalar(32), difference2, difference1) + (difference3 + m(7)),
    ]
  }
}
