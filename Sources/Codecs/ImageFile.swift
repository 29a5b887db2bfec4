import Files

/// Reads and writes JPEG and PNG files.
///
/// The format is recognised by the content, never by the name. Every image becomes 8-bit RGB, with the pixels of
/// OpenCV's `imread(IMREAD_COLOR)` in the order red, green, blue: the EXIF orientation is applied, grey is repeated in
/// all three channels, CMYK becomes RGB by OpenCV's formula, and 16-bit samples keep their high byte. Transparency,
/// gamma and colour profiles are ignored.
///
/// Unlike OpenCV, incomplete images are refused: JPEG files with missing or undecodable data, which OpenCV fills with
/// grey (`DecodingOptions.allowsDamagedJPEG` does the same), and PNG files with any damage that libpng detects. A
/// baseline JPEG file that lacks only its end marker counts as complete. The EXIF orientation is found even after
/// damaged entries, where OpenCV stops reading.
public enum ImageFile {
  /// The options for decoding an image file.
  public struct DecodingOptions: Sendable, Hashable {
    /// The largest number of pixels, width times height, that an image may have. It is checked before memory is
    /// allocated.
    ///
    /// A decoded pixel takes 3 bytes; a progressive JPEG takes up to 6 more per pixel while it is decoded, 8 more for
    /// CMYK.
    public var pixelLimit: Int
    /// The largest size of a file in bytes, checked before it is read.
    public var byteLimit: Int
    /// Whether a truncated or damaged JPEG is decoded as far as possible, with the rest grey as in OpenCV, instead of
    /// being refused.
    public var allowsDamagedJPEG: Bool

    /// Makes options. By default the limits are 200 megapixels and 1 GiB, and damaged files are refused.
    public init(pixelLimit: Int = 200_000_000, byteLimit: Int = 1 << 30, allowsDamagedJPEG: Bool = false) {
      self.pixelLimit = pixelLimit
      self.byteLimit = byteLimit
      self.allowsDamagedJPEG = allowsDamagedJPEG
    }
  }

  /// Decodes an image file.
  ///
  /// - Throws: `ImageFileError.unreadable`, `unknownFormat`, `overLimit`, `unsupported` or `damaged`.
  public static func decode(path: String, options: DecodingOptions = .init()) throws(ImageFileError) -> Image {
    try decode(bytes: load(path, options), name: path, options: options)
  }

  /// Decodes the bytes of an image file.
  ///
  /// - Parameters:
  ///   - bytes: The whole file. `byteLimit` is not checked.
  ///   - name: The name of the image in errors.
  ///   - options: The limits.
  /// - Throws: `ImageFileError.unreadable` for no bytes, `unknownFormat`, `overLimit`, `unsupported` or `damaged`.
  public static func decode(
    bytes: [UInt8], name: String = "image data", options: DecodingOptions = .init()
  ) throws(ImageFileError) -> Image {
    guard !bytes.isEmpty else { throw .unreadable("\(name): there are no bytes") }
    return try decode(bytes, Header(bytes, name: name), divisor: 1, name: name, options: options)
  }

  /// Decodes the image that a header describes, a JPEG at a size divided by `divisor`: 1, 2, 4 or 8.
  static func decode(
    _ bytes: [UInt8], _ header: Header, divisor: Int, name: String, options: DecodingOptions
  ) throws(ImageFileError) -> Image {
    let (area, overflow) = header.width.multipliedReportingOverflow(by: header.height)
    guard !overflow, area <= options.pixelLimit else {
      throw .overLimit(
        "\(name): \(header.width)x\(header.height) pixels are more than the limit of \(options.pixelLimit)")
    }
    let (width, height) = ((header.width + divisor - 1) / divisor, (header.height + divisor - 1) / divisor)
    let pixels =
      switch header.format {
      case .jpeg:
        try JPEGCodec.decode(
          bytes, width: width, height: height, divisor: divisor, orientation: header.orientation,
          allowsDamage: options.allowsDamagedJPEG, name: name)
      case .png:
        try PNGCodec.decode(
          bytes, width: width, height: height, orientation: header.orientation, name: name)
      }
    let swapsSides = header.orientation.swapsSides
    do {
      return try Image(width: swapsSides ? height : width, height: swapsSides ? width : height, pixels: pixels)
    } catch {
      throw .damaged("\(name): \(error)")
    }
  }

  /// Reads the size of an image, in pixels, without decoding it. The orientation is applied.
  ///
  /// `pixelLimit` is not checked, and damage after the header is not detected.
  ///
  /// - Throws: `ImageFileError.unreadable`, `unknownFormat`, `overLimit`, `unsupported` or `damaged`.
  public static func size(
    path: String, options: DecodingOptions = .init()
  ) throws(ImageFileError) -> (width: Int, height: Int) {
    try Header(load(path, options), name: path).orientedSize
  }

  /// Reads a file. One that is not an image is refused after its first bytes.
  static func load(_ path: String, _ options: DecodingOptions) throws(ImageFileError) -> [UInt8] {
    do {
      return try FileSystem.contents(of: path, limit: options.byteLimit, prefix: Format.prefixCount) {
        prefix in
        guard !prefix.isEmpty else { throw ImageFileError.unreadable("\(path): the file is empty") }
        _ = try Format(prefix, name: path)
      }
    } catch let error as ImageFileError {
      throw error
    } catch FileError.tooLarge(_, let size, let limit) {
      throw .overLimit("\(path): \(size) bytes are more than the limit of \(limit)")
    } catch let error as FileError {
      throw .unreadable("\(path): \(error.reason)")
    } catch {
      throw .unreadable("\(path): \(error)")
    }
  }
}

extension ImageFile {
  /// What the start of a file says about its image.
  struct Header {
    let format: Format
    /// The stored width, before the orientation is applied.
    let width: Int
    /// The stored height, before the orientation is applied.
    let height: Int
    let orientation: Orientation

    var orientedSize: (width: Int, height: Int) {
      orientation.swapsSides ? (height, width) : (width, height)
    }

    init(_ bytes: [UInt8], name: String) throws(ImageFileError) {
      format = try Format(bytes[...], name: name)
      switch format {
      case .jpeg:
        (width, height) = try JPEGCodec.size(bytes, name: name)
        orientation = JPEGCodec.orientation(bytes) ?? .upright
      case .png:
        (width, height) = try PNGCodec.size(bytes, name: name)
        orientation = PNGCodec.orientation(bytes) ?? .upright
      }
    }
  }
}
