import Tensor

/// The votes for centres: each edge votes for every cell along its gradient, in both directions, within the radii.
///
/// Rows and columns follow OpenCV's `HoughCircles`, with an empty row and column at the end. The cells are divided into
/// bands of rows, and one thread votes in a band, clipping each edge's ray to it. So no two threads write to one cell,
/// and one accumulator serves any number of threads.
struct Accumulator: @unchecked Sendable {
  let columns: Int
  let rows: Int
  private let stride: Int
  private let votes: UnsafeMutablePointer<Int32>

  /// The size, in cells, for an image of the given size.
  static func size(width: Int, height: Int, resolution: Float) -> (columns: Int, rows: Int) {
    let scale = 1 / resolution
    return (Int((Float(width) * scale).rounded(.up)), Int((Float(height) * scale).rounded(.up)))
  }

  /// The memory, in bytes, for an image of the given size.
  static func byteCount(width: Int, height: Int, resolution: Float) -> Int {
    let size = size(width: width, height: height, resolution: resolution)
    return (size.columns + 2) * (size.rows + 2) * MemoryLayout<Int32>.stride
  }

  init(_ edges: EdgeGrid, _ source: Plane, _ search: HoughCircles, _ workspace: Workspace) {
    let resolution = search.resolution
    let size = Self.size(width: source.width, height: source.height, resolution: resolution)
    (columns, rows) = size
    stride = size.columns + 2
    votes = workspace.allocate(Int32.self, stride * (size.rows + 2))
    let reach = Float(search.searchedRadii.upperBound) + 2 * resolution
    // If bands were lower than the reach, most edges would be visited more than three times.
    let threads = workspace.engine.threads
    let bandHeight = max((rows + 1) / (threads == 1 ? 1 : 4 * threads), min(Int(reach / resolution), rows / threads), 1)
    workspace.parallel(rows: rows + 2, band: bandHeight) { [self] _, band in
      (votes + band.lowerBound * stride).initialize(repeating: 0, count: band.count * stride)
      let band = band.clamped(to: 0..<rows)
      guard !band.isEmpty else { return }
      let top = max(Int((Float(band.lowerBound) * resolution - reach) / Float(EdgeGrid.cell)), 0)
      let bottom = min(Int((Float(band.upperBound) * resolution + reach) / Float(EdgeGrid.cell)), edges.rows - 1)
      guard top <= bottom else { return }
      let scale = 1 / resolution
      for point in edges.points(rows: top...bottom) {
        let origin = SIMD2(Int(nearest(edges.xs[point] * scale * 1024)), Int(nearest(edges.ys[point] * scale * 1024)))
        let step = SIMD2(Int(edges.steps[point].x), Int(edges.steps[point].y))
        vote(from: origin, step, search.searchedRadii, in: band)
        vote(from: origin, SIMD2(-step.x, -step.y), search.searchedRadii, in: band)
      }
    }
  }

  private func vote(
    from origin: SIMD2<Int>, _ step: SIMD2<Int>, _ radii: ClosedRange<Int>, in band: Range<Int>
  ) {
    var (first, last) = (radii.lowerBound, radii.upperBound)
    cut(&first, &last, origin.y, step.y, band.lowerBound << 10..<band.upperBound << 10)
    cut(&first, &last, origin.x, step.x, 0..<columns << 10)
    guard first <= last else { return }
    var (x, y) = (origin.x + first * step.x, origin.y + first * step.y)
    for _ in first...last {
      votes[(y >> 10) * stride + x >> 10] += 1
      x += step.x
      y += step.y
    }
  }

  /// The votes of the cell with the given number.
  func votes(at cell: Int) -> Int { Int(votes[cell]) }

  /// The column and row of a cell.
  func place(of cell: Int) -> (column: Int, row: Int) { (cell % stride, cell / stride) }

  /// The local maxima: the cells that have more than `threshold` votes, more than their neighbours to the left and
  /// above, and at least as many as those to the right and below. They come row by row; the first row and column have
  /// none.
  func peaks(above threshold: Int, _ workspace: Workspace) -> [Int] {
    let threshold = Int32(clamping: threshold)
    let band = 64
    let bands = (rows + band - 1) / band
    return withUnsafeTemporaryAllocation(of: [Int].self, capacity: bands) { found in
      found.initialize(repeating: [])
      nonisolated(unsafe) let found = found
      workspace.parallel(rows: rows, band: band) { _, band in
        var cells: [Int] = []
        for y in band where y > 0 { appendPeaks(in: y, above: threshold, to: &cells) }
        found[band.lowerBound / 64] = cells
      }
      defer { found.deinitialize() }
      return found.flatMap { $0 }
    }
  }

  private func appendPeaks(in y: Int, above threshold: Int32, to cells: inout [Int]) {
    let row = votes + y * stride
    var x = 1
    while x < columns {
      let end = min(x + 64, columns)
      var highest: Int32 = 0
      for column in x..<end { highest = max(highest, row[column]) }
      if highest > threshold {
        for column in x..<end where row[column] > threshold {
          let count = row[column]
          if count > row[column - 1], count >= row[column + 1], count > row[column - stride],
            count >= row[column + stride]
          {
            cells.append(y * stride + column)
          }
        }
      }
      x = end
    }
  }
}

/// Clips `first...last` to the factors `r` for which `origin + r * step` lies inside `limits`.
private func cut(_ first: inout Int, _ last: inout Int, _ origin: Int, _ step: Int, _ limits: Range<Int>) {
  if limits.contains(origin + first * step), limits.contains(origin + last * step) { return }
  let (low, high) = (limits.lowerBound - origin, limits.upperBound - 1 - origin)
  if step == 0 {
    if low > 0 || high < 0 { last = first - 1 }
  } else if step > 0 {
    first = max(first, quotient(low + step - 1, step))
    last = min(last, quotient(high, step))
  } else {
    first = max(first, quotient(-high - step - 1, -step))
    last = min(last, quotient(-low, -step))
  }
}

/// The quotient rounded down, for a positive divisor.
private func quotient(_ dividend: Int, _ divisor: Int) -> Int {
  dividend >= 0 ? dividend / divisor : -((divisor - 1 - dividend) / divisor)
}
