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

/// The operands of a histogram of distances from a centre.
public struct CountRadiiOperands {
  /// `[pointCount]` columns, readable for a whole vector more.
  public var xs: UnsafePointer<Float>
  /// `[pointCount]` rows, readable for a whole vector more.
  public var ys: UnsafePointer<Float>
  /// The number of points.
  public var pointCount: Int
  /// The column of the centre.
  public var centreX: Float
  /// The row of the centre.
  public var centreY: Float
  /// The bins.
  public var radii: RadiusBins
  /// `[radii.count + 1]` counts, to which the points are added.
  public var bins: UnsafeMutablePointer<Int32>

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    xs: UnsafePointer<Float>, ys: UnsafePointer<Float>, pointCount: Int, centreX: Float, centreY: Float,
    radii: RadiusBins, bins: UnsafeMutablePointer<Int32>
  ) {
    self.xs = xs
    self.ys = ys
    self.pointCount = pointCount
    self.centreX = centreX
    self.centreY = centreY
    self.radii = radii
    self.bins = bins
  }
}

extension InstructionSet {
  /// Counts the points `(x, y)` in `bins` by their distance from `(centreX, centreY)`, rounded to the nearest bin, ties
  /// to even. Points outside the radii go to bin `count`.
  ///
  /// Matches the order of operations of OpenCV's `HoughCircles`. The points must be readable for a whole vector beyond
  /// `pointCount`.
  @inlinable @inline(__always)
  public static func countRadii(_ operands: CountRadiiOperands) {
    // Adding 2^23 rounds to an integer and leaves it in the lower bits.
    let integer = Vector(repeating: 8_388_608)
    let (x, y) = (Vector(repeating: operands.centreX), Vector(repeating: operands.centreY))
    let least = Vector(repeating: operands.radii.minimum * operands.radii.minimum)
    let most = Vector(repeating: operands.radii.maximum * operands.radii.maximum)
    let minimumRadius = Vector(repeating: operands.radii.minimum)
    let resolution = Vector(repeating: operands.radii.resolution)
    let (beyond, last) = (
      Vector(repeating: Float(operands.radii.count)), Vector(repeating: Float(operands.radii.count &- 1))
    )
    var places = integer
    var index = 0
    while index < operands.pointCount {
      let dx = load(operands.xs + index) - x
      let dy = load(operands.ys + index) - y
      let squared = dx * dx + dy * dy
      let isOutside = indicator(least, above: squared) + indicator(squared, above: most)
      let place = (squareRoot(squared) - minimumRadius) / resolution * Vector(repeating: 10)
      places = maximum(minimum(maximum(place, .zero), last), isOutside * beyond) + integer
      withUnsafeBytes(of: &places) { places in
        let places = places.assumingMemoryBound(to: UInt32.self)
        // The compiler unrolls the first loop, whose count it knows.
        if operands.pointCount &- index >= lanes {
          for lane in 0..<lanes { operands.bins[Int(places[lane] & 0x7f_ffff)] &+= 1 }
        } else {
          for lane in 0..<operands.pointCount &- index { operands.bins[Int(places[lane] & 0x7f_ffff)] &+= 1 }
        }
      }
      index &+= lanes
    }
  }
}
