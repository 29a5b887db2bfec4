extension Mask {
  /// A point where pixels meet: `(0, 0)` is the top left corner of the first pixel, `(1, 1)` its bottom right one.
  public struct Corner: Sendable, Hashable {
    /// The distance from the image's left edge.
    public var x: Int
    /// The distance from the image's top edge.
    public var y: Int

    /// Makes a corner.
    public init(x: Int, y: Int) {
      self.x = x
      self.y = y
    }
  }

  /// The borders of a mask along the edges of its pixels, as closed polygons of alternately horizontal and vertical
  /// sides; the last corner joins the first, and no two neighbouring sides lie in a line.
  ///
  /// Pixels that share an edge belong together, pixels that share a corner only do not: a polygon may touch itself at
  /// a corner, and never crosses itself or another.
  public struct Contours: Sendable, Hashable {
    /// The outer border of each connected part, clockwise, from its leftmost column's top left corner.
    public var outlines: [[Corner]] = []
    /// The border of each hole, counterclockwise. A part that lies in a hole has an outline of its own.
    public var holes: [[Corner]] = []
  }

  /// Traces the borders, in time proportional to the number of spans; outlines and holes come by their leftmost column.
  ///
  /// The outlines of a mask without holes, filled, are the mask again.
  public func contours() -> Contours {
    var contours = Contours()
    var tracer = ContourTracer(self)
    while let contour = tracer.next() {
      if contour.isHole { contours.holes.append(contour.corners) } else { contours.outlines.append(contour.corners) }
    }
    return contours
  }
}
