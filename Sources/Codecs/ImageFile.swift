import Files

/// Reads and writes JPEG and PNG files.
///
/// The format is told by the content, never by the name. Every picture becomes 8-bit RGB as OpenCV's
/// `imread(IMREAD_COLOR)` gives it, channels reversed: the EXIF orientation is applied; grey is repeated in the three
/// channels; four inks become RGB by OpenCV's formula; 16-bit samples lose their low byte; transparency, gamma and
/// colour profiles are ignored.
///
/// Unlike OpenCV, a file whose picture is not whole is refused: missing or undecodable JPEG data (which OpenCV fills
/// with grey, and so does `DecodingOptions.allowsDamagedJPEG`) and any damage that libpng can see. A baseline JPEG file
/// that lacks only its end marker is whole. The EXIF orientation is also found behind damaged entries, where OpenCV gives
/// up.
public enum ImageFile {
  /// What a caller may choose when decoding.
  public struct DecodingOptions: Sendable, Hashable {
    /// The most pixels, width times height, a picture may have; checked before anything of that size is allocated.
    /// A decoded pixel takes 3 bytes, and while a progressive JPEG is decoded up to 6 more (8 more for four inks).
    public var pixelLimit: Int
    /// The most bytes a file may have; checked before it is read.
    public var byteLimit: Int
    /// Whether a JPEG picture that is cut short or damaged is decoded as far as it goes, the rest grey, as OpenCV does,
    /// instead of being refused.
    public var allowsDamagedJPEG: Bool

    /// Makes options: 200 megapixels, 1 GiB, damage refused, unless given.
    public init(pixelLimit: Int = 200_000_000, byteLimit: Int = 1 << 30, allowsDamagedJPEG: Bool = false) {
      self.pixelLimit = pixelLimit
      self.byteLimit = byteLimit
      self.allowsDamagedJPEG = allowsDamagedJPEG
    }
  }

  /// Decodes the picture in a file.
  ///
  /// - Throws: every `ImageFileError` but `unencodable` and `unwritable`, naming the path.
  public static func decode(path: String, options: DecodingOptions = .init()) throws(ImageFileError) -> Image {
    try decode(bytes: load(path, options), name: path, options: options)
  }

  /// Decodes the picture in the bytes of a file.
  ///
  /// - Parameters:
  ///   - bytes: the whole file; how many there may be is the caller's to check.
  ///   - name: what errors call the picture.
  ///   - options: the limits.
  /// - Throws: `unknownFormat`, `overLimit`, `unsupported` or `damaged`.
  public static func decode(
    bytes: [UInt8], name: String = "image data", options: DecodingOptions = .init()
  ) throws(ImageFileError) -> Image {
    try decode(bytes, Header(bytes, name: name), divisor: 1, name: name, options: options)
  }

  /// The picture that a header described, JPEG at that fraction of its size: 1, 2, 4 or 8.
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

  /// The width and height in pixels that the decoded picture would have, orientation applied, without decoding it.
  ///
  /// - Throws: as `decode(path:options:)`, without seeing damage behind the header; `pixelLimit` is not looked at.
  public static func size(
    path: String, options: DecodingOptions = .init()
  ) throws(ImageFileError) -> (width: Int, height: Int) {
    try Header(load(path, options), name: path).orientedSize
  }

  /// The bytes of a file, refused by its first ones where it holds no picture.
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
  /// What the beginning of a file says of its picture.
  struct Header {
    let format: Format
    /// Width as stored, before the orientation.
    let width: Int
    /// Height as stored, before the orientation.
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
