/// A rectangle of whole pixels in an image.
public struct Region: Sendable, Hashable, Codable {
  /// The first column.
  public var x: Int
  /// The first row.
  public var y: Int
  /// The width in pixels.
  public var width: Int
  /// The height in pixels.
  public var height: Int

  /// Makes a region from its top left pixel and its size.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// Makes the smallest region that covers a box with a margin, clipped to an image. The result is nil if no part of it
  /// lies inside the image.
  ///
  /// - Parameters:
  ///   - box: The box in continuous pixels of the image.
  ///   - margin: The number of pixels to add on each side; a negative number makes the box smaller.
  ///   - width: The width of the image in pixels.
  ///   - height: The height of the image in pixels.
  public init?(covering box: Box, margin: Float = 0, width: Int, height: Int) {
    func inside(_ edge: Float, _ size: Int) -> Int? { edge.isNaN ? nil : Int(min(max(edge, 0), Float(size))) }
    guard let left = inside((box.x1 - margin).rounded(.down), width),
      let top = inside((box.y1 - margin).rounded(.down), height),
      let right = inside((box.x2 + margin).rounded(.up), width),
      let bottom = inside((box.y2 + margin).rounded(.up), height), left < right, top < bottom
    else { return nil }
    self.init(x: left, y: top, width: right - left, height: bottom - top)
  }

  /// The region as a box.
  public var box: Box {
    Box(x1: Float(x), y1: Float(y), x2: Float(x) + Float(width), y2: Float(y) + Float(height))
  }

  /// Checks that the region lies inside an image of the given size.
  ///
  /// - Throws: `SceneError.invalidShape` if the region is empty or reaches beyond the image.
  public func validate(width: Int, height: Int) throws(SceneError) {
    let (columns, rows) = (0..<max(width, 0), 0..<max(height, 0))
    guard columns.contains(x), rows.contains(y), self.width >= 1, self.height >= 1, self.width <= width - x,
      self.height <= height - y
    else {
      throw .invalidShape(
        "a region must lie inside the \(width)x\(height) image, got \(self.width)x\(self.height) pixels at "
          + "(\(x), \(y))")
    }
  }
}

extension Image {
  /// Returns a region of the image as a new image.
  ///
  /// - Throws: `SceneError.invalidShape` if the region is empty or reaches beyond the image.
  public func cropped(to region: Region) throws(SceneError) -> Image {
    try region.validate(width: width, height: height)
    return Image(width: region.width, height: region.height) { copyRows(of: region, to: $0) }
  }

  /// Replaces this image by a region of another one.
  ///
  /// The memory is reused: nothing is allocated if the number of pixels stays the same and no copy of this image
  /// exists.
  ///
  /// - Throws: `SceneError.invalidShape` if the region is empty or reaches beyond the other image. This image is then
  ///   unchanged.
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
  /// Detects the objects in a region of an image.
  ///
  /// The detector sees only the region, so all boxes lie inside it. Boxes, circles and masks are in pixels of the whole
  /// image.
  ///
  /// - Returns: Detections by falling score.
  /// - Throws: `SceneError` for an option out of range, an unsuitable image, or a region that is empty or reaches
  ///   beyond the image; `CancellationError` if the task was cancelled.
  public func detect(_ image: Image, in region: Region, options: Options = Options()) throws -> [Detection] {
    let map = CoordinateMap.cut(x: region.x, y: region.y, ofWidth: image.width, height: image.height)
    return try detect(image.cropped(to: region), options: options).map { try map.inverse($0) }
  }
}
