/// A circle in continuous pixel coordinates: 0 is the left (top) edge of the first pixel, whose centre is (0.5, 0.5).
public struct Circle: Sendable, Hashable, BitwiseCopyable {
  /// The distance of the centre from the left edge of the image, in pixels.
  public var x: Float
  /// The distance of the centre from the top edge of the image, in pixels.
  public var y: Float
  /// The radius, in pixels.
  public var radius: Float

  /// Makes a circle from its centre and radius.
  public init(x: Float, y: Float, radius: Float) {
    self.x = x
    self.y = y
    self.radius = radius
  }

  /// Whether all numbers are finite and the radius is above 0.
  package var isProper: Bool { x.isFinite && y.isFinite && radius.isFinite && radius > 0 }

  /// The smallest box around the circle.
  public var boundingBox: Box { Box(x1: x - radius, y1: y - radius, x2: x + radius, y2: y + radius) }
}
