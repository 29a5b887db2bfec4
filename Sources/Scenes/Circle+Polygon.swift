import Glibc

extension Circle {
  /// The largest distance, in pixels, between a circle and the sides of its polygon.
  static let largestSagitta = 0.25

  /// Returns a regular polygon with its corners on the circle, clipped to an image.
  ///
  /// The corners are clockwise, rounded to hundredths of a pixel, and not repeated. The polygon is empty if fewer than
  /// three corners are left. The number of corners before clipping is a multiple of 4 and at least 8, so that corners
  /// touch the bounding box on all sides; the first lies to the right of the centre. The sides keep within
  /// `largestSagitta` of the circle up to a radius of `Image.largestSide`; larger circles have no more corners than a
  /// circle of that radius.
  package func polygon(width: Int, height: Int) -> [(x: Double, y: Double)] {
    let (right, bottom) = (Double(width), Double(height))
    var corners = regularPolygon
    for distance: ((x: Double, y: Double)) -> Double in [{ $0.x }, { right - $0.x }, { $0.y }, { bottom - $0.y }] {
      corners = Self.clipped(corners, distance)
    }
    func hundredths(_ value: Double, _ side: Double) -> Double { (min(max(value, 0), side) * 100).rounded() / 100 }
    var polygon: [(x: Double, y: Double)] = []
    for corner in corners {
      let rounded = (x: hundredths(corner.x, right), y: hundredths(corner.y, bottom))
      if let last = polygon.last, last == rounded { continue }
      polygon.append(rounded)
    }
    while let first = polygon.first, let last = polygon.last, polygon.count > 1, first == last { polygon.removeLast() }
    return polygon.count < 3 ? [] : polygon
  }

  private var regularPolygon: [(x: Double, y: Double)] {
    let radius = Double(self.radius)
    let bound = min(radius, Double(Image.largestSide))
    let halfAngle = acos(max(1 - Self.largestSagitta / bound, 0))
    let quarter = max(Int((Double.pi / halfAngle / 4).rounded(.up)), 2)
    let arc = (0..<quarter).map { index in
      let angle = Double.pi / 2 * Double(index) / Double(quarter)
      return (x: radius * cos(angle), y: radius * sin(angle))
    }
    let (x, y) = (Double(x), Double(y))
    return arc.map { (x + $0.x, y + $0.y) } + arc.map { (x - $0.y, y + $0.x) } + arc.map { (x - $0.x, y - $0.y) }
      + arc.map { (x + $0.y, y - $0.x) }
  }

  /// Returns the part of a convex polygon whose signed distance from a line is not negative (Sutherland and Hodgman).
  private static func clipped(
    _ corners: [(x: Double, y: Double)], _ distance: ((x: Double, y: Double)) -> Double
  ) -> [(x: Double, y: Double)] {
    guard var start = corners.last else { return [] }
    var result: [(x: Double, y: Double)] = []
    for end in corners {
      let (from, to) = (distance(start), distance(end))
      if (from < 0) != (to < 0) {
        let part = from / (from - to)
        result.append((start.x + part * (end.x - start.x), start.y + part * (end.y - start.y)))
      }
      if to >= 0 { result.append(end) }
      start = end
    }
    return result
  }
}
