/// A picture decoded at a fraction of its size, by request, and the way back to the size that it has in its file.
public struct ReducedImage: Sendable, Equatable {
  /// The picture as decoded.
  public let image: Image
  /// Pixels of the file's picture to one of `image`, both ways: 1, 2, 4 or 8. A last row or column may stand for fewer.
  public let divisor: Int
  /// Width of the file's picture in pixels, its orientation applied.
  public let width: Int
  /// Height of the file's picture in pixels, its orientation applied.
  public let height: Int

  /// A picture decoded at its own size.
  public init(_ image: Image) {
    self.init(image, divisor: 1, width: image.width, height: image.height)
  }

  init(_ image: Image, divisor: Int, width: Int, height: Int) {
    self.image = image
    self.divisor = divisor
    self.width = width
    self.height = height
  }

  /// How coordinates of `image` lead to the file's picture.
  public var map: CoordinateMap {
    CoordinateMap(width: width, height: height, multiplier: .init(x: Float(divisor), y: Float(divisor)))
  }
}

extension ImageFile {
  /// Decodes the picture in a file for a detector that will reduce it anyway.
  ///
  /// A JPEG picture is decoded at a half, a quarter or an eighth of its size, the least whose longer side is still at
  /// least `side`: by fewer coefficients of each block, which takes the mean of pixels rather than some of them, so
  /// detections differ a little from those in the whole picture. A PNG picture is decoded whole.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - side: the least longer side in pixels, at least 1.
  ///   - options: the limits.
  /// - Throws: as `decode(path:options:)`; the limits are those of the whole picture. `invalidOption` for a side below 1.
  public static func decode(
    path: String, reducedTo side: Int, options: DecodingOptions = .init()
  ) throws(ImageFileError) -> ReducedImage {
    try decode(bytes: load(path, options), name: path, reducedTo: side, options: options)
  }

  /// The same for the bytes of a file; see `decode(bytes:name:options:)`.
  public static func decode(
    bytes: [UInt8], name: String = "image data", reducedTo side: Int, options: DecodingOptions = .init()
  ) throws(ImageFileError) -> ReducedImage {
    guard side >= 1 else { throw .invalidOption("\(name): the least longer side is at least 1 pixel, got \(side)") }
    let header = try Header(bytes, name: name)
    let longest = max(header.width, header.height)
    let divisor =
      header.format == .jpeg ? [8, 4, 2].first { (longest + $0 - 1) / $0 >= side } ?? 1 : 1
    let image = try decode(bytes, header, divisor: divisor, name: name, options: options)
    let size = header.orientedSize
    return ReducedImage(image, divisor: divisor, width: size.width, height: size.height)
  }
}
