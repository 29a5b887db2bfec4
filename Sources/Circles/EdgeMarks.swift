import Tensor

/// An `EdgeMark` for each pixel, and for a border of one pixel around the image. Threads may share it as long as they
/// write to different rows.
struct EdgeMarks: @unchecked Sendable {
  let width: Int
  let height: Int
  /// Bytes from one row to the next.
  let stride: Int
  private let base: UnsafeMutablePointer<UInt8>

  init(width: Int, height: Int, _ workspace: Workspace) {
    self.width = width
    self.height = height
    stride = width + 2
    base = workspace.allocate(UInt8.self, stride * (height + 2))
  }

  /// The marks of a row's pixels.
  func row(_ y: Int) -> UnsafeMutablePointer<UInt8> { base + (y + 1) * stride + 1 }

  /// Marks the border as no edge, so that edges end there.
  func fillBorder() {
    base.initialize(repeating: EdgeMark.none, count: stride)
    (base + (height + 1) * stride).initialize(repeating: EdgeMark.none, count: stride)
    for y in 0..<height {
      row(y)[-1] = EdgeMark.none
      row(y)[width] = EdgeMark.none
    }
  }

  /// Calls `body` with the column of each edge of a row, from left to right.
  @inline(__always)
  func forEachEdge(in y: Int, _ body: (Int) -> Void) {
    let row = row(y)
    var x = 0
    while x + 8 <= width {
      // Only `certain` has this bit.
      var found = UnsafeRawPointer(row + x).loadUnaligned(as: UInt64.self) & 0x0202_0202_0202_0202
      while found != 0 {
        body(x + found.trailingZeroBitCount / 8)
        found &= found &- 1
      }
      x += 8
    }
    while x < width {
      if row[x] == EdgeMark.certain { body(x) }
      x += 1
    }
  }

  /// The positions of the certain edges in the given rows.
  func certain(in rows: Range<Int>) -> [Int] {
    var places: [Int] = []
    for y in rows {
      let start = (y + 1) * stride + 1
      forEachEdge(in: y) { places.append(start + $0) }
    }
    return places
  }

  /// Marks as edges the possible pixels that are connected to `edges` within the given rows.
  ///
  /// - Returns: The edges in the first and the last of these rows, which may be connected to pixels outside of them.
  func grow(from edges: [Int], in rows: Range<Int>) -> [Int] {
    let inner = (rows.lowerBound + 2) * stride..<max(rows.lowerBound + 2, rows.upperBound) * stride
    let outer = (rows.lowerBound + 1) * stride..<(rows.upperBound + 1) * stride
    var stack = edges
    var open: [Int] = []
    while let place = stack.popLast() {
      let isInner = inner.contains(place)
      if !isInner { open.append(place) }
      for row in -1...1 where isInner || outer.contains(place + row * stride) {
        let start = place + row * stride
        for neighbour in start - 1...start + 1 where base[neighbour] == EdgeMark.possible {
          base[neighbour] = EdgeMark.certain
          stack.append(neighbour)
        }
      }
    }
    return open
  }
}
