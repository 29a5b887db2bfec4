extension Mask {
  /// A corner of pixels: `(0, 0)` is the top left corner of the first pixel, `(1, 1)` its bottom right corner.
  public struct Corner: Sendable, Hashable {
    /// The distance from the left edge of the image, in pixels.
    public var x: Int
    /// The distance from the top edge of the image, in pixels.
    public var y: Int

    /// Makes a corner.
    public init(x: Int, y: Int) {
      self.x = x
      self.y = y
    }
  }

  /// The borders of a mask along the edges of its pixels, as closed polygons.
  ///
  /// Horizontal and vertical sides alternate, and the last corner is connected to the first. Pixels that share an edge
  /// are connected; pixels that share only a corner are not. So a polygon may touch itself at a corner, but it never
  /// crosses itself or another polygon.
  public struct Contours: Sendable, Hashable {
    /// The outer border of each connected part, clockwise from the top left corner of its leftmost column.
    public var outlines: [[Corner]] = []
    /// The border of each hole, counterclockwise. A part inside a hole has its own outline.
    public var holes: [[Corner]] = []
  }

  /// Traces the borders of the mask, in time proportional to the number of spans.
  ///
  /// Filling the outlines of a mask without holes gives the mask again.
  ///
  /// - Returns: The outlines and the holes, each from left to right by their leftmost columns.
  public func contours() -> Contours {
    var contours = Contours()
    var tracer = ContourTracer(self)
    while let contour = tracer.next() {
      if contour.isHole { contours.holes.append(contour.corners) } else { contours.outlines.append(contour.corners) }
    }
    return contours
  }
}
