extension Mask.Contours {
  /// All outlines and holes as one closed polygon, for formats that allow one polygon per object. It is empty if there
  /// are none.
  ///
  /// Each further contour is attached by a bridge of no width, there and back, from its first corner to the nearest
  /// corner of the previous contours. Filling the polygon by the even-odd rule gives the mask again, with its holes.
  public var joined: [Mask.Corner] {
    let contours = outlines + holes
    guard let first = contours.first, let left = first.map(\.x).min(),
      let right = contours.joined().map(\.x).max()
    else { return [] }
    var corners = first
    var next = first.indices.map { ($0 + 1) % first.count }
    var columns = CornerColumns(from: left, through: right)
    for index in first.indices { columns.insert(index, at: first[index]) }
    for contour in contours.dropFirst() {
      guard let entry = contour.first, let nearest = columns.nearest(to: entry) else { continue }
      let start = corners.count
      corners += contour + [entry, corners[nearest]]
      next += (start + 1)...(corners.count)
      next[corners.count - 1] = next[nearest]
      next[nearest] = start
      for index in contour.indices { columns.insert(start + index, at: contour[index]) }
    }
    var path: [Mask.Corner] = []
    path.reserveCapacity(corners.count)
    var index = 0
    repeat {
      path.append(corners[index])
      index = next[index]
    } while index != 0
    return path
  }
}

/// Corners by column, so that only a few are compared to find the nearest.
private struct CornerColumns {
  private let left: Int
  private var columns: [[(y: Int, index: Int)]]

  init(from left: Int, through right: Int) {
    self.left = left
    columns = Array(repeating: [], count: right - left + 1)
  }

  mutating func insert(_ index: Int, at corner: Mask.Corner) {
    columns[corner.x - left].append((corner.y, index))
  }

  /// Returns the index of the nearest corner. Ties are broken by the order of the search: nearer columns first, left
  /// before right, then the order of insertion.
  func nearest(to corner: Mask.Corner) -> Int? {
    var best: (distance: Int, index: Int)?
    for dx in 0..<columns.count {
      if let best, dx * dx >= best.distance { break }
      for column in dx == 0 ? [corner.x - left] : [corner.x - left - dx, corner.x - left + dx]
      where columns.indices.contains(column) {
        for (y, index) in columns[column] {
          let distance = dx * dx + (y - corner.y) * (y - corner.y)
          if best.map({ distance < $0.distance }) ?? true { best = (distance, index) }
        }
      }
    }
    return best?.index
  }
}
