import Tensor

/// The edges of an image with their gradients, grouped in square cells: rows of cells from top to bottom, and cells
/// from left to right. So the points of adjacent cells in a row are contiguous.
struct EdgeGrid: @unchecked Sendable {
  /// The side of a cell in pixels.
  static let cell = 32

  let columns: Int
  let rows: Int
  let count: Int
  /// Pixel columns, integers.
  let xs: UnsafeMutablePointer<Float>
  /// Pixel rows, integers.
  let ys: UnsafeMutablePointer<Float>
  /// Steps of one radius along the gradient, in cells of the accumulator, in units of 2^-10.
  let steps: UnsafeMutablePointer<SIMD2<Int32>>
  private let starts: UnsafeMutablePointer<Int>

  /// Collects the edges that `marks` has in `source`.
  init(_ marks: EdgeMarks, _ source: Plane, resolution: Float, _ workspace: Workspace) {
    let (columns, rows) = ((source.width - 1) / Self.cell + 1, (source.height - 1) / Self.cell + 1)
    nonisolated(unsafe) let starts = workspace.allocate(Int.self, columns * rows + 1)
    workspace.parallel(rows: source.height, band: Self.cell) { _, band in
      let cells = starts + 1 + band.lowerBound / Self.cell * columns
      cells.initialize(repeating: 0, count: columns)
      for y in band { marks.forEachEdge(in: y) { cells[$0 / Self.cell] += 1 } }
    }
    starts[0] = 0
    for cell in 0..<columns * rows { starts[cell + 1] += starts[cell] }
    let count = starts[columns * rows]
    // `countRadii` reads whole vectors, which may start at the last point.
    let margin = workspace.kernels.lanes - 1
    nonisolated(unsafe) let xs = workspace.allocate(Float.self, count + margin)
    nonisolated(unsafe) let ys = workspace.allocate(Float.self, count + margin)
    nonisolated(unsafe) let steps = workspace.allocate(SIMD2<Int32>.self, count)
    (xs + count).initialize(repeating: 0, count: margin)
    (ys + count).initialize(repeating: 0, count: margin)
    let scale = 1 / resolution
    let next = workspace.perWorker { workspace.allocate(Int.self, columns) }
    workspace.parallel(rows: source.height, band: Self.cell) { worker, band in
      let next = next[worker]
      next.update(from: starts + band.lowerBound / Self.cell * columns, count: columns)
      for y in band {
        marks.forEachEdge(in: y) { x in
          let place = next[x / Self.cell]
          next[x / Self.cell] = place + 1
          xs[place] = Float(x)
          ys[place] = Float(y)
          steps[place] = step(source, x, y, scale)
        }
      }
    }
    (self.columns, self.rows, self.count) = (columns, rows, count)
    (self.xs, self.ys, self.steps, self.starts) = (xs, ys, steps, starts)
  }

  /// The points in the given cells of one row.
  func points(row: Int, columns: ClosedRange<Int>) -> Range<Int> {
    let first = row * self.columns
    return starts[first + columns.lowerBound]..<starts[first + columns.upperBound + 1]
  }

  /// The points in the given rows of cells.
  func points(rows: ClosedRange<Int>) -> Range<Int> {
    starts[rows.lowerBound * columns]..<starts[(rows.upperBound + 1) * columns]
  }
}

/// The gradient's direction at a pixel, of length `scale`, in units of 2^-10.
private func step(_ source: Plane, _ x: Int, _ y: Int, _ scale: Float) -> SIMD2<Int32> {
  let (left, right) = (max(x - 1, 0), min(x + 1, source.width - 1))
  let (above, row, below) = (
    source.row(max(y - 1, 0)), source.row(y), source.row(min(y + 1, source.height - 1))
  )
  func difference(_ a: UInt8, _ b: UInt8) -> Int { Int(a) - Int(b) }
  let across =
    difference(above[right], above[left]) + 2 * difference(row[right], row[left])
    + difference(below[right], below[left])
  let down =
    difference(below[left], above[left]) + 2 * difference(below[x], above[x]) + difference(below[right], above[right])
  let (dx, dy) = (Float(across), Float(down))
  let magnitude = (dx * dx + dy * dy).squareRoot()
  return SIMD2(nearest(dx * scale * 1024 / magnitude), nearest(dy * scale * 1024 / magnitude))
}

/// The nearest integer, ties to even.
func nearest(_ value: Float) -> Int32 { Int32(value.rounded(.toNearestOrEven)) }
