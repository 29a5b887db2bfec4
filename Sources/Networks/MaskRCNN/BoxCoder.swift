import Glibc
import Tensor

/// Boxes as offsets from others (Girshick et al., 2014): `dx, dy` in sizes of the reference, `dw, dh` as logarithms,
/// each multiplied by a weight.
struct BoxCoder: Sendable {
  let weights: (x: Float, y: Float, width: Float, height: Float)

  /// Keeps `e^dw` below 1000 / 16.
  private static let limit: Float = log(1000 / 16)

  func decode(_ deltas: UnsafePointer<Float>, _ reference: Box) -> Box {
    let (width, height) = (reference.x2 - reference.x1, reference.y2 - reference.y1)
    let (centerX, centerY) = (reference.x1 + 0.5 * width, reference.y1 + 0.5 * height)
    let x = deltas[0] / weights.x * width + centerX
    let y = deltas[1] / weights.y * height + centerY
    let halfWidth = 0.5 * (exp(min(deltas[2] / weights.width, Self.limit)) * width)
    let halfHeight = 0.5 * (exp(min(deltas[3] / weights.height, Self.limit)) * height)
    return Box(x1: x - halfWidth, y1: y - halfHeight, x2: x + halfWidth, y2: y + halfHeight)
  }
}
