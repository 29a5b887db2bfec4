/// Winograd's minimal filtering for a 3×3 kernel of stride 2 (after Lavin and Gray, doi:10.1109/CVPR.2016.435).
///
/// Four outputs of a row read nine pixels. The five even pixels meet the two outer taps as the filter F(4, 2) on the
/// points 0, ±1, 2, ∞; the four odd pixels meet only the middle tap. So nine products replace twelve multiplications in
/// one dimension, and 81 replace 144 in two.
///
/// Products have a row and a column: 0...4 for the even pixels, 5...8 for the odd ones. A table of offsets in floats
/// says where product `9 * row + column` lies, since products that share a filter are stored together. `channels` is a
/// multiple of `lanes`.
extension InstructionSet {
  /// Computes the 81 operands of one tile from the 9×9 pixels that `taps` address.
  @inlinable @inline(__always)
  public static func stridedWinogradInput(
    _ taps: UnsafePointer<UnsafeRawPointer>, _ channels: Int, _ target: UnsafeMutablePointer<Float>,
    _ offsets: UnsafePointer<Int>
  ) {
    assert(channels > 0 && channels % lanes == 0)
    var channel = 0
    while channel < channels {
      var rows = InlineArray<81, Vector>(repeating: .zero)
      for x in 0..<9 {
        let column = stridedWinogradInput { load(taps[9 &* $0 &+ x], channel) }
        for y in 0..<9 { rows[unchecked: 9 &* y &+ x] = column[unchecked: y] }
      }
      for y in 0..<9 {
        let row = stridedWinogradInput { rows[unchecked: 9 &* y &+ $0] }
        for x in 0..<9 { store(row[unchecked: x], target + (offsets[9 &* y &+ x] &+ channel)) }
      }
      channel &+= lanes
    }
  }

  /// Computes one tile's outputs from its 81 products, then applies bias, residual and activation.
  @inlinable @inline(__always)
  public static func stridedWinogradOutput(_ tile: WinogradOutput, _ offsets: UnsafePointer<Int>) {
    assert((1...4).contains(tile.height) && (1...4).contains(tile.width) && tile.channels % lanes == 0)
    var channel = 0
    while channel < tile.channels {
      var rows = InlineArray<36, Vector>(repeating: .zero)
      let products = tile.products + channel
      for x in 0..<9 {
        let column = stridedWinogradOutput { load(products + offsets[9 &* $0 &+ x]) }
        for y in 0..<4 { rows[unchecked: 9 &* y &+ x] = column[unchecked: y] }
      }
      let bias = load(tile.bias + channel)
      for y in 0..<tile.height {
        let row = stridedWinogradOutput { rows[unchecked: 9 &* y &+ $0] }
        winogradStore(tile, y, channel) { row[unchecked: $0] + bias }
      }
      channel &+= lanes
    }
  }

  /// Transforms nine pixels to nine operands, in one dimension.
  @inlinable @inline(__always)
  static func stridedWinogradInput(_ d: (Int) -> Vector) -> InlineArray<9, Vector> {
    let (two, three) = (Vector(repeating: 2), Vector(repeating: 3))
    let (d0, d1, d2, d3, d4) = (d(0), d(2), d(4), d(6), d(8))
    return [
      multiplyAdd(two, d0 - d2, d3 - d1), multiplyAdd(-two, d1, d3 - d2),
      multiplyAdd(two, d1, multiplyAdd(-three, d2, d3)),
      d3 - d1, multiplyAdd(two, d1 - d3, d4 - d2), d(1), d(3), d(5), d(7),
    ]
  }

  /// Transforms nine products to four outputs, in one dimension.
  @inlinable @inline(__always)
  static func stridedWinogradOutput(_ m: (Int) -> Vector) -> InlineArray<4, Vector> {
    let (two, four, eight) = (Vector(repeating: 2), Vector(repeating: 4), Vector(repeating: 8))
    let (sum, difference, m3) = (m(1) + m(2), m(1) - m(2), m(3))
    return [
      (m(0) + m(5)) + (sum + m3), multiplyAdd(two, m3, difference) + m(6), multiplyAdd(four, m3, sum) + m(7),
      (multiplyAdd(eight, m3, difference) + m(4)) + m(8),
    ]
  }
}
