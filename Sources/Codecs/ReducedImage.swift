/// An image decoded at a fraction of its size, and the size it has in the file.
public struct ReducedImage: Sendable, Equatable {
  /// The decoded image.
  public let image: Image
  /// The factor of reduction in both directions, 1, 2, 4 or 8: how many pixels of the file become one pixel of `image`.
  /// The last row and column may stand for fewer.
  public let divisor: Int
  /// The width of the image in the file, in pixels, with its orientation applied.
  public let width: Int
  /// The height of the image in the file, in pixels, with its orientation applied.
  public let height: Int

  /// Makes a value for an image decoded at its full size.
  public init(_ image: Image) {
    self.init(image, divisor: 1, width: image.width, height: image.height)
  }

  init(_ image: Image, divisor: Int, width: Int, height: Int) {
    self.image = image
    self.divisor = divisor
    self.width = width
    self.height = height
  }

  /// The map from the coordinates of the full-size image to those of `image`; its inverse maps detections back.
  public var map: CoordinateMap {
    CoordinateMap(width: width, height: height, multiplier: .init(x: Float(divisor), y: Float(divisor)))
  }
}

extension ImageFile {
  /// Decodes an image file at a reduced size, for a detector that would reduce the image anyway.
  ///
  /// A JPEG image is decoded at 1/2, 1/4 or 1/8 of its size: the smallest whose longest side is still at least `side`
  /// pixels. The decoder uses fewer coefficients of each block, which averages pixels, so detections differ slightly
  /// from those in the full-size image. A PNG image is always decoded at full size.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - side: The least length of the longest side, in pixels, at least 1.
  ///   - options: The limits, which apply to the full-size image.
  /// - Returns: The image and its size in the file.
  /// - Throws: `ImageFileError.invalidOption` for a side below 1; otherwise the errors of `decode(path:options:)`.
  public static func decode(
    path: String, reducedTo side: Int, options: DecodingOptions = .init()
  ) throws(ImageFileError) -> ReducedImage {
    try decode(bytes: load(path, options), name: path, reducedTo: side, options: options)
  }

  /// Decodes the bytes of an image file at a reduced size, for a detector that would reduce the image anyway.
  ///
  /// A JPEG image is decoded at 1/2, 1/4 or 1/8 of its size: the smallest whose longest side is still at least `side`
  /// pixels. A PNG image is always decoded at full size.
  ///
  /// - Parameters:
  ///   - bytes: The whole file. Its size is not limited here.
  ///   - name: The name of the image in errors.
  ///   - side: The least length of the longest side, in pixels, at least 1.
  ///   - options: The limits, which apply to the full-size image.
  /// - Returns: The image and its size in the file.
  /// - Throws: `ImageFileError.invalidOption` for a side below 1; otherwise the errors of
  ///   `decode(bytes:name:options:)`.
  public static func decode(
    bytes: [UInt8], name: String = "image data", reducedTo side: Int, options: DecodingOptions = .init()
  ) throws(ImageFileError) -> ReducedImage {
    guard side >= 1 else {
      throw .invalidOption("\(name): the longest side of a reduced image must be at least 1 pixel, got \(side)")
    }
    let header = try Header(bytes, name: name)
    let longest = max(header.width, header.height)
    let divisor =
      header.format == .jpeg ? [8, 4, 2].first { (longest + $0 - 1) / $0 >= side } ?? 1 : 1
    let image = try decode(bytes, header, divisor: divisor, name: name, options: options)
    let size = header.orientedSize
    return ReducedImage(image, divisor: divisor, width: size.width, height: size.height)
  }
}
