/// How the coordinates of an image lie in one that was made of it: scaled, moved, cut out.
///
/// A coordinate of the made image is `x * divisor / multiplier + offset`; back it is `(x - offset) * multiplier /
/// divisor`, inside the bounds of the image it was made of. One map serves the letterbox of YOLO, the resizing of Mask
/// R-CNN, JPEG images decoded at a fraction of their size, reduced copies, crops and tiles.
public struct CoordinateMap: Sendable, Hashable {
  /// A pair of numbers, along the width and along the height.
  public struct Pair: Sendable, Hashable {
    /// Along the width.
    public var x: Float
    /// Along the height.
    public var y: Float

    /// Makes a pair.
    public init(x: Float, y: Float) {
      self.x = x
      self.y = y
    }
  }

  // Multiplier and divisor are kept apart since the originals differ: torchvision multiplies by the quotient of the
  // sides, YOLOv5 divides by its gain, and one factor for both would move boxes by a unit in the last place.

  /// Pixels of the original image to `divisor` of the made one.
  public let multiplier: Pair
  /// Pixels of the made image to `multiplier` of the original.
  public let divisor: Pair
  /// Where the original's left top corner lies in the made image, in pixels of that.
  public let offset: Pair
  /// Width of the original image in pixels.
  public let width: Int
  /// Height of the original image in pixels.
  public let height: Int

  /// Makes a map.
  ///
  /// - Parameters:
  ///   - width: width of the original image, at least 1.
  ///   - height: its height, at least 1.
  ///   - multiplier: the factors of the way back, above 0.
  ///   - divisor: the divisors of the way back, above 0.
  ///   - offset: where the original's left top corner lies.
  public init(
    width: Int, height: Int, multiplier: Pair = Pair(x: 1, y: 1), divisor: Pair = Pair(x: 1, y: 1),
    offset: Pair = Pair(x: 0, y: 0)
  ) {
    self.width = width
    self.height = height
    self.multiplier = multiplier
    self.divisor = divisor
    self.offset = offset
  }

  /// The map of an image that is the original itself.
  public static func identity(width: Int, height: Int) -> CoordinateMap { CoordinateMap(width: width, height: height) }

  /// The map of a rectangle cut out of an image: a crop, a tile.
  ///
  /// - Parameters:
  ///   - x: the column of the original that is the cut's first.
  ///   - y: the row of the original that is the cut's first.
  ///   - width: width of the original image.
  ///   - height: height of the original image.
  public static func cut(x: Int, y: Int, ofWidth width: Int, height: Int) -> CoordinateMap {
    CoordinateMap(width: width, height: height, offset: Pair(x: -Float(x), y: -Float(y)))
  }

  /// The map of an image resized to other sides.
  public static func resized(
    from original: (width: Int, height: Int), to size: (width: Int, height: Int)
  ) -> CoordinateMap {
    CoordinateMap(
      width: original.width, height: original.height,
      multiplier: Pair(
        x: Float(original.width) / Float(size.width), y: Float(original.height) / Float(size.height)))
  }

  /// Whether both images have the same pixels at the same size: only moved.
  public var isTranslation: Bool { multiplier == divisor }

  /// Whether nothing changes.
  public var isIdentity: Bool { isTranslation && offset == Pair(x: 0, y: 0) }

  /// A box of the original image in pixels of the made one, not clipped.
  public func callAsFunction(_ box: Box) -> Box {
    func x(_ value: Float) -> Float { value * divisor.x / multiplier.x + offset.x }
    func y(_ value: Float) -> Float { value * divisor.y / multiplier.y + offset.y }
    return Box(x1: x(box.x1), y1: y(box.y1), x2: x(box.x2), y2: y(box.y2))
  }

  /// A box of the made image in pixels of the original, not clipped.
  public func unclippedInverse(_ box: Box) -> Box {
    func x(_ value: Float) -> Float { (value - offset.x) * multiplier.x / divisor.x }
    func y(_ value: Float) -> Float { (value - offset.y) * multiplier.y / divisor.y }
    return Box(x1: x(box.x1), y1: y(box.y1), x2: x(box.x2), y2: y(box.y2))
  }

  /// A box of the made image in pixels of the original, inside it.
  public func inverse(_ box: Box) -> Box {
    unclippedInverse(box).clipped(width: Float(width), height: Float(height))
  }

  /// A circle of the made image in pixels of the original; its radius grows by the geometric mean of the factors.
  public func inverse(_ circle: Circle) -> Circle {
    let factor = Pair(x: multiplier.x / divisor.x, y: multiplier.y / divisor.y)
    return Circle(
      x: (circle.x - offset.x) * multiplier.x / divisor.x, y: (circle.y - offset.y) * multiplier.y / divisor.y,
      radius: circle.radius * (factor.x * factor.y).squareRoot())
  }

  /// A mask of the made image as one of the original, cut at its borders.
  ///
  /// - Throws: `SceneError.invalidShape` where the map scales, or moves by parts of a pixel: pixels have no inverse then;
  ///   or where the original has more pixels than masks cover.
  public func inverse(_ mask: Mask) throws(SceneError) -> Mask {
    let (x, y) = (-offset.x, -offset.y)
    guard isTranslation, x == x.rounded(), y == y.rounded(), abs(x) <= Float(Image.largestSide),
      abs(y) <= Float(Image.largestSide)
    else {
      throw .invalidShape("a mask of \(mask.width)x\(mask.height) pixels has no inverse in \(width)x\(height) pixels")
    }
    return try mask.moved(x: Int(x), y: Int(y), width: width, height: height)
  }

  /// A detection in the made image as one in the original: its box inside it, its circle and its mask.
  ///
  /// - Throws: as `inverse(_:)` of a mask.
  public func inverse(_ detection: Detection) throws(SceneError) -> Detection {
    var detection = detection
    detection.box = inverse(detection.box)
    detection.circle = detection.circle.map { inverse($0) }
    if let mask = detection.mask, !isIdentity || mask.width != width || mask.height != height {
      detection.mask = try inverse(mask)
    }
    return detection
  }
}

extension Mask {
  /// The mask in another image, its first pixel at that column and row; what lies beyond is cut off.
  ///
  /// - Throws: `SceneError.invalidShape` as `init(width:height:runs:)`.
  public func moved(x: Int, y: Int, width: Int, height: Int) throws(SceneError) -> Mask {
    let area = try Self.area(width: width, height: height)
    // No pixel is left of a mask that moves by the largest side.
    let (x, y) = (x.clamped(to: Self.largestSide), y.clamped(to: Self.largestSide))
    var builder = RunBuilder()
    var position = 0
    for span in spans where (0..<width).contains(span.x + x) {
      let rows = (max(span.rows.lowerBound + y, 0)..<max(span.rows.upperBound + y, 0)).clamped(to: 0..<height)
      guard !rows.isEmpty else { continue }
      let start = (span.x + x) * height + rows.lowerBound
      builder.append(start - position, inside: false)
      builder.append(rows.count, inside: true)
      position = start + rows.count
    }
    builder.append(area - position, inside: false)
    return Mask(width: width, height: height, canonical: builder.runs)
  }
}

extension Int {
  /// The number within that distance of 0.
  fileprivate func clamped(to distance: Int) -> Int { Swift.max(-distance, Swift.min(self, distance)) }
}
