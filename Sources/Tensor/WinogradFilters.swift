/// Transforms one input channel's 3×3 filters for `channels` outputs, `G g G^T`, for tiles of `size` outputs, 4 or 6.
///
/// `source` steps by `sourceStride` from one output to the next; `target` by `targetStride` between the results, of which
/// there are 36 or 64.
func winogradFilters(
  _ source: UnsafePointer<Float>, stride sourceStride: Int, channels: Int, into target: UnsafeMutablePointer<Float>,
  stride targetStride: Int, size: Int
) {
  let points = size + 2
  for channel in 0..<channels {
    let g = source + channel * sourceStride
    var columns = InlineArray<24, Float>(repeating: 0)
    for x in 0..<3 {
      let column = winogradFilter(g[x], g[3 + x], g[6 + x], size)
      for y in 0..<points { columns[3 * y + x] = column[y] }
    }
    for y in 0..<points {
      let row = winogradFilter(columns[3 * y], columns[3 * y + 1], columns[3 * y + 2], size)
      for x in 0..<points { target[(points * y + x) * targetStride + channel] = row[x] }
    }
  }
}

/// `G g`, one dimension; the last two are missing for tiles of four.
private func winogradFilter(_ g0: Float, _ g1: Float, _ g2: Float, _ size: Int) -> InlineArray<8, Float> {
  if size == 4 {
    let (even, odd) = ((g0 + g2) / 6, g1 / 6)
    let (far, near) = (g0 / 24 + g2 / 6, g1 / 12)
    return [g0 / 4, -even - odd, -even + odd, far + near, far - near, g2, 0, 0]
  }
  let (even, odd) = ((g0 + g2) * -2 / 9, g1 * -2 / 9)
  let (far, near) = ((g0 + 4 * g2) / 90, g1 / 45)
  let (farInverse, nearInverse) = ((4 * g0 + g2) / 180, g1 / 90)
  return [
    g0, even + odd, even - odd, far + near, far - near, farInverse + nearInverse, farInverse - nearInverse, g2,
  ]
}
