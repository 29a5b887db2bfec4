/// A rectangle of whole pixels inside an image.
public struct Region: Sendable, Hashable, Codable {
  /// The first column.
  public var x: Int
  /// The first row.
  public var y: Int
  /// Width in pixels.
  public var width: Int
  /// Height in pixels.
  public var height: Int

  /// Makes a region from its first pixel and its size.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The smallest region of an image that covers a box, widened on each side; nil where nothing of it is inside.
  ///
  /// - Parameters:
  ///   - box: edges in continuous pixels of the image.
  ///   - margin: pixels to add on each side, or to take away below 0.
  ///   - width: the image's width in pixels.
  ///   - height: the image's height in pixels.
  public init?(covering box: Box, margin: Float = 0, width: Int, height: Int) {
    func inside(_ edge: Float, _ size: Int) -> Int? { edge.isNaN ? nil : Int(min(max(edge, 0), Float(size))) }
    guard let left = inside((box.x1 - margin).rounded(.down), width),
      let top = inside((box.y1 - margin).rounded(.down), height),
      let right = inside((box.x2 + margin).rounded(.up), width),
      let bottom = inside((box.y2 + margin).rounded(.up), height), left < right, top < bottom
    else { return nil }
    self.init(x: left, y: top, width: right - left, height: bottom - top)
  }

  /// The region's edges.
  public var box: Box {
    Box(x1: Float(x), y1: Float(y), x2: Float(x) + Float(width), y2: Float(y) + Float(height))
  }

  /// Checks that the region lies in an image.
  ///
  /// - Throws: `SceneError.invalidShape` where it has no pixel or reaches beyond.
  public func validate(width: Int, height: Int) throws(SceneError) {
    let (columns, rows) = (0..<max(width, 0), 0..<max(height, 0))
    guard columns.contains(x), rows.contains(y), self.width >= 1, self.height >= 1, self.width <= width - x,
      self.height <= height - y
    else {
      throw .invalidShape(
        "a region of \(self.width)x\(self.height) pixels at (\(x), \(y)) is not inside a picture of \(width)x\(height)")
    }
  }
}

extension Image {
  /// A rectangle of the image as an image of its own.
  ///
  /// - Throws: `SceneError.invalidShape` where the region has no pixel or reaches beyond the image.
  public func cropped(to region: Region) throws(SceneError) -> Image {
    try region.validate(width: width, height: height)
    return Image(width: region.width, height: region.height) { copyRows(of: region, to: $0) }
  }

  /// Replaces the image by a rectangle of another, in the memory that is there: nothing is allocated where the count of
  /// pixels stays and no copy of the image is left.
  ///
  /// - Throws: as `cropped(to:)`; the image then stays as it is.
  public mutating func copy(_ region: Region, of image: Image) throws(SceneError) {
    try region.validate(width: image.width, height: image.height)
    rewrite(width: region.width, height: region.height) { image.copyRows(of: region, to: $0) }
  }

  private func copyRows(of region: Region, to target: UnsafeMutablePointer<UInt8>) {
    pixels.withUnsafeBufferPointer { pixels in
      guard let base = pixels.baseAddress else { return }
      for row in 0..<region.height {
        let source = base + ((region.y + row) * width + region.x) * 3
        (target + row * region.width * 3).update(from: source, count: region.width * 3)
      }
    }
  }
}

extension Detector {
  /// Finds the objects of one region of an image.
  ///
  /// The detector sees the region alone. Boxes, circles and masks are those of the whole image; boxes lie inside the
  /// region.
  ///
  /// - Throws: as `detect(_:options:)` and `Image.cropped(to:)`.
  public func detect(_ image: Image, in region: Region, options: Options = Options()) throws -> [Detection] {
    let map = CoordinateMap.cut(x: region.x, y: region.y, ofWidth: image.width, height: image.height)
    return try detect(image.cropped(to: region), options: options).map { try map.inverse($0) }
  }
}
