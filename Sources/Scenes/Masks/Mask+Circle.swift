extension Mask {
  /// The disc inside a circle: the pixels whose centres lie within its radius, the circle itself included.
  ///
  /// A circle may reach beyond the image or lie outside it. Takes time in proportion to the columns that the disc
  /// touches.
  ///
  /// - Throws: `SceneError.invalidParameter` when a number of the circle is not finite or the radius not above 0;
  ///   `SceneError.invalidShape` as `init(width:height:runs:)`.
  public init(circle: Circle, width: Int, height: Int) throws(SceneError) {
    guard circle.isProper else {
      throw .invalidParameter("a circle has a radius above 0, got \(circle.radius) about (\(circle.x), \(circle.y))")
    }
    let area = try Self.area(width: width, height: height)
    let (x, y, radius) = (Double(circle.x), Double(circle.y), Double(circle.radius))
    let columns = Self.clamped((x - radius).rounded(.down), width)..<Self.clamped((x + radius).rounded(.up), width)
    var builder = RunBuilder()
    var position = 0
    for column in columns {
      let dx = Double(column) + 0.5 - x
      let squaredReach = radius * radius - dx * dx
      guard squaredReach >= 0 else { continue }
      let reach = squaredReach.squareRoot()
      let first = Self.clamped((y - reach - 0.5).rounded(.up), height)
      let end = Self.clamped((y + reach - 0.5).rounded(.down) + 1, height)
      guard first < end else { continue }
      builder.append(column * height + first - position, inside: false)
      builder.append(end - first, inside: true)
      position = column * height + end
    }
    builder.append(area - position, inside: false)
    self.init(width: width, height: height, canonical: builder.runs)
  }

  private static func clamped(_ value: Double, _ side: Int) -> Int { Int(min(max(value, 0), Double(side))) }
}
