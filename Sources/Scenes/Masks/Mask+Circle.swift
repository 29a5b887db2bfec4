extension Mask {
  /// Makes the mask of the disc inside a circle: the pixels whose centres lie inside the circle or on it.
  ///
  /// The circle may reach beyond the image or lie outside it. The time is proportional to the number of columns that
  /// the disc touches.
  ///
  /// - Throws: `SceneError.invalidParameter` if a number of the circle is not finite or the radius is not above 0;
  ///   `SceneError.invalidShape` if a side is outside `1...largestSide` or the image has more than `largestArea`
  ///   pixels.
  public init(circle: Circle, width: Int, height: Int) throws(SceneError) {
    guard circle.isProper else {
      throw .invalidParameter(
        "a circle must have finite numbers and a radius above 0, got radius \(circle.radius) at (\(circle.x), "
          + "\(circle.y))")
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
