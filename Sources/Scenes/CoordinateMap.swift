/// Maps coordinates between an original image and an image derived from it by scaling, padding or cropping.
///
/// A coordinate `x` of the original becomes `x * divisor / multiplier + offset` in the derived image. The inverse is
/// `(x - offset) * multiplier / divisor`, clipped to the original. The map describes the letterbox of YOLO, the
/// resizing of Mask R-CNN, JPEG images decoded at a fraction of their size, reduced copies, crops and tiles.
public struct CoordinateMap: Sendable, Hashable {
  /// A pair of numbers: one along the width, one along the height.
  public struct Pair: Sendable, Hashable {
    /// The number along the width.
    public var x: Float
    /// The number along the height.
    public var y: Float

    /// Makes a pair.
    public init(x: Float, y: Float) {
      self.x = x
      self.y = y
    }
  }

  // Multiplier and divisor are separate because the reference implementations differ: torchvision multiplies by the
  // quotient of the sides, YOLOv5 divides by its gain. A single factor would move boxes by a unit in the last place.

  /// The number of pixels of the original that correspond to `divisor` pixels of the derived image.
  public let multiplier: Pair
  /// The number of pixels of the derived image that correspond to `multiplier` pixels of the original.
  public let divisor: Pair
  /// The position of the original's top left corner in the derived image, in pixels of the derived image.
  public let offset: Pair
  /// The width of the original in pixels.
  public let width: Int
  /// The height of the original in pixels.
  public let height: Int

  /// Makes a map.
  ///
  /// - Parameters:
  ///   - width: The width of the original in pixels, at least 1.
  ///   - height: The height of the original in pixels, at least 1.
  ///   - multiplier: The factors of the inverse map, above 0.
  ///   - divisor: The divisors of the inverse map, above 0.
  ///   - offset: The position of the original's top left corner in the derived image.
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

  /// Returns the map that changes nothing.
  public static func identity(width: Int, height: Int) -> CoordinateMap { CoordinateMap(width: width, height: height) }

  /// Returns the map of a rectangle cut out of an image, such as a crop or a tile.
  ///
  /// - Parameters:
  ///   - x: The column of the original at which the rectangle begins.
  ///   - y: The row of the original at which the rectangle begins.
  ///   - width: The width of the original in pixels.
  ///   - height: The height of the original in pixels.
  public static func cut(x: Int, y: Int, ofWidth width: Int, height: Int) -> CoordinateMap {
    CoordinateMap(width: width, height: height, offset: Pair(x: -Float(x), y: -Float(y)))
  }

  /// Returns the map of an image that was resized.
  public static func resized(
    from original: (width: Int, height: Int), to size: (width: Int, height: Int)
  ) -> CoordinateMap {
    CoordinateMap(
      width: original.width, height: original.height,
      multiplier: Pair(
        x: Float(original.width) / Float(size.width), y: Float(original.height) / Float(size.height)))
  }

  /// Whether the map only moves coordinates, without scaling.
  public var isTranslation: Bool { multiplier == divisor }

  /// Whether the map changes nothing.
  public var isIdentity: Bool { isTranslation && offset == Pair(x: 0, y: 0) }

  /// Maps a box from the original to the derived image, without clipping.
  public func callAsFunction(_ box: Box) -> Box {
    func x(_ value: Float) -> Float { value * divisor.x / multiplier.x + offset.x }
    func y(_ value: Float) -> Float { value * divisor.y / multiplier.y + offset.y }
    return Box(x1: x(box.x1), y1: y(box.y1), x2: x(box.x2), y2: y(box.y2))
  }

  /// Maps a box from the derived image to the original, without clipping.
  public func unclippedInverse(_ box: Box) -> Box {
    func x(_ value: Float) -> Float { (value - offset.x) * multiplier.x / divisor.x }
    func y(_ value: Float) -> Float { (value - offset.y) * multiplier.y / divisor.y }
    return Box(x1: x(box.x1), y1: y(box.y1), x2: x(box.x2), y2: y(box.y2))
  }

  /// Maps a box from the derived image to the original and clips it to the original.
  public func inverse(_ box: Box) -> Box {
    unclippedInverse(box).clipped(width: Float(width), height: Float(height))
  }

  /// Maps a circle from the derived image to the original, without clipping. The radius is scaled by the geometric mean
  /// of both factors.
  public func inverse(_ circle: Circle) -> Circle {
    let factor = Pair(x: multiplier.x / divisor.x, y: multiplier.y / divisor.y)
    return Circle(
      x: (circle.x - offset.x) * multiplier.x / divisor.x, y: (circle.y - offset.y) * multiplier.y / divisor.y,
      radius: circle.radius * (factor.x * factor.y).squareRoot())
  }

  /// Maps a mask from the derived image to the original and clips it to the original.
  ///
  /// - Throws: `SceneError.invalidShape` if the map scales or moves by fractions of a pixel, so that pixels have no
  ///   inverse, or if the original has more than `Mask.largestArea` pixels.
  public func inverse(_ mask: Mask) throws(SceneError) -> Mask {
    let (x, y) = (-offset.x, -offset.y)
    guard isTranslation, x == x.rounded(), y == y.rounded(), abs(x) <= Float(Image.largestSide),
      abs(y) <= Float(Image.largestSide)
    else {
      throw .invalidShape(
        "a mask of \(mask.width)x\(mask.height) pixels can be mapped to \(width)x\(height) pixels only by a move of "
          + "whole pixels")
    }
    return try mask.moved(x: Int(x), y: Int(y), width: width, height: height)
  }

  /// Maps a detection with its box, circle and mask from the derived image to the original. The box and the mask are
  /// clipped to the original.
  ///
  /// - Throws: `SceneError.invalidShape` for a mask if the map scales or moves by fractions of a pixel, or if the
  ///   original has more than `Mask.largestArea` pixels.
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
  /// Returns the mask moved into another image and clipped to it.
  ///
  /// - Parameters:
  ///   - x: The column of the other image at which the mask's first column lies; it may be negative.
  ///   - y: The row of the other image at which the mask's first row lies; it may be negative.
  ///   - width: The width of the other image in pixels.
  ///   - height: The height of the other image in pixels.
  /// - Throws: `SceneError.invalidShape` if a side is outside `1...largestSide` or the other image has more than
  ///   `largestArea` pixels.
  public func moved(x: Int, y: Int, width: Int, height: Int) throws(SceneError) -> Mask {
    let area = try Self.area(width: width, height: height)
    // A mask that moves by the largest side has no pixel left.
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
  /// Returns the number clamped to the given distance from 0.
  fileprivate func clamped(to distance: Int) -> Int { Swift.max(-distance, Swift.min(self, distance)) }
}
