/// An axis-aligned box in continuous pixel coordinates.
///
/// 0 is the left (top) edge of the first pixel. The right and bottom edges are exclusive, so the box of the first pixel
/// alone is `(0, 0, 1, 1)`.
public struct Box: Sendable, Hashable, BitwiseCopyable {
  /// The left edge.
  public var x1: Float
  /// The top edge.
  public var y1: Float
  /// The right edge, exclusive.
  public var x2: Float
  /// The bottom edge, exclusive.
  public var y2: Float

  /// Makes a box from its edges.
  public init(x1: Float, y1: Float, x2: Float, y2: Float) {
    self.x1 = x1
    self.y1 = y1
    self.x2 = x2
    self.y2 = y2
  }

  /// The width in pixels, `x2 - x1`.
  public var width: Float { x2 - x1 }
  /// The height in pixels, `y2 - y1`.
  public var height: Float { y2 - y1 }
  /// The area in square pixels, `width * height`.
  public var area: Float { width * height }

  /// Returns the box with its edges clipped to `0...width` and `0...height`.
  public func clipped(width: Float, height: Float) -> Box {
    Box(
      x1: min(max(x1, 0), width), y1: min(max(y1, 0), height),
      x2: min(max(x2, 0), width), y2: min(max(y2, 0), height))
  }
}
