/// The bins of a histogram of distances from a centre.
public struct RadiusBins {
  /// The smallest radius, in pixels.
  public var minimum: Float
  /// The largest radius, in pixels.
  public var maximum: Float
  /// Pixels per cell of the accumulator; a cell is ten bins wide.
  public var resolution: Float
  /// The number of bins, `(maximum - minimum) / resolution * 10`. One more bin counts the points outside the radii.
  public var count: Int

  /// Makes bins.
  @inlinable
  public init(minimum: Float, maximum: Float, resolution: Float, count: Int) {
    self.minimum = minimum
    self.maximum = maximum
    self.resolution = resolution
    self.count = count
  }
}

extension InstructionSet {
  /// Counts the points `(x, y)` in `bins` by their distance from `(centreX, centreY)`, rounded to the nearest bin, ties
  /// to even. Points outside the radii go to bin `count`.
  ///
  /// Matches the order of operations of OpenCV's `HoughCircles`. The points must be readable for a whole vector beyond
  /// `pointCount`.
  @inlinable @inline(__always)
  public static func countRadii(
    _ xs: UnsafePointer<Float>, _ ys: UnsafePointer<Float>, _ pointCount: Int, _ centreX: Float, _ centreY: Float,
    _ radii: RadiusBins, _ bins: UnsafeMutablePointer<Int32>
  ) {
    // Adding 2^23 rounds to an integer and leaves it in the lower bits.
    let integer = Vector(repeating: 8_388_608)
    let (x, y) = (Vector(repeating: centreX), Vector(repeating: centreY))
    let least = Vector(repeating: radii.minimum * radii.minimum)
    let most = Vector(repeating: radii.maximum * radii.maximum)
    let minimumRadius = Vector(repeating: radii.minimum)
    let resolution = Vector(repeating: radii.resolution)
    let (beyond, last) = (Vector(repeating: Float(radii.count)), Vector(repeating: Float(radii.count &- 1)))
    var places = integer
    var index = 0
    while index < pointCount {
      let dx = load(xs + index) - x
      let dy = load(ys + index) - y
      let squared = dx * dx + dy * dy
      let isOutside = indicator(least, above: squared) + indicator(squared, above: most)
      let place = (squareRoot(squared) - minimumRadius) / resolution * Vector(repeating: 10)
      places = maximum(minimum(maximum(place, .zero), last), isOutside * beyond) + integer
      withUnsafeBytes(of: &places) { places in
        let places = places.assumingMemoryBound(to: UInt32.self)
        // The compiler unrolls the first loop, whose count it knows.
        if pointCount &- index >= lanes {
          for lane in 0..<lanes { bins[Int(places[lane] & 0x7f_ffff)] &+= 1 }
        } else {
          for lane in 0..<pointCount &- index { bins[Int(places[lane] & 0x7f_ffff)] &+= 1 }
        }
      }
      index &+= lanes
    }
  }
}
