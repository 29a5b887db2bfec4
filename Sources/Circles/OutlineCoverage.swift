import Glibc
import Tensor

/// The visible share of a circle's outline.
enum OutlineCoverage {
  /// The number of sectors of the outline.
  private static let sectors = 32
  /// The least cosine of the angle between an edge's gradient and the radius through it: 25 degrees.
  private static let alignment: Float = 0.9

  /// The share of 32 sectors in which an edge lies on the circle and its gradient points to the centre or away from it,
  /// 0 to 1.
  ///
  /// An edge may lie 1.5 accumulator cells off the circle, the uncertainty of its centre, plus 2 % of the radius, since
  /// few round objects appear as exact circles. `circle` is in pixel indices.
  static func score(_ circle: Circle, _ edges: EdgeGrid, resolution: Float) -> Float {
    let tolerance = 1.5 * resolution + 0.02 * circle.radius
    let cell = Float(EdgeGrid.cell)
    let reach = circle.radius + tolerance
    let top = max(Int((circle.y - reach) / cell), 0)
    let bottom = min(Int((circle.y + reach) / cell), edges.rows - 1)
    let left = max(Int((circle.x - reach) / cell), 0)
    let right = min(Int((circle.x + reach) / cell), edges.columns - 1)
    guard top <= bottom, left <= right else { return 0 }
    let least = max(circle.radius - tolerance, 0.5)
    var covered: UInt32 = 0
    for row in top...bottom {
      for point in edges.points(row: row, columns: left...right) {
        let (dx, dy) = (edges.xs[point] - circle.x, edges.ys[point] - circle.y)
        let squared = dx * dx + dy * dy
        guard squared >= least * least, squared <= reach * reach else { continue }
        let step = SIMD2<Float>(edges.steps[point])
        let along = dx * step.x + dy * step.y
        let lengths = squared * (step.x * step.x + step.y * step.y)
        guard along * along >= alignment * alignment * lengths else { continue }
        let turn = atan2(dy, dx) / (2 * .pi) + 0.5
        covered |= 1 << UInt32(min(Int(turn * Float(sectors)), sectors - 1))
      }
    }
    return Float(covered.nonzeroBitCount) / Float(sectors)
  }
}
