import Glibc
import Tensor

/// Decodes boxes from deltas relative to reference boxes (Girshick et al., doi:10.1109/CVPR.2014.81): `dx` and `dy` in
/// sizes of the reference, `dw` and `dh` as logarithms of ratios, each multiplied by a weight.
struct BoxCoder: Sendable {
  let weights: (x: Float, y: Float, width: Float, height: Float)

  /// The largest `dw` and `dh`, so that their exponentials are at most 1000 / 16.
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
