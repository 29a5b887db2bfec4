extension ImageFile {
  /// The file extensions of JPEG, multi-image JPEG and PNG, in lower case without the dot.
  public static let extensions: Set<String> = Set(jpegExtensions + ["png"])

  private static let jpegExtensions = ["jpg", "jpeg", "jpe", "jfif", "mpo"]

  /// The file extensions of image formats that cannot be read, in lower case without the dot, for a note about skipped
  /// files.
  public static let foreignExtensions: Set<String> = [
    "avif", "bmp", "cr2", "cr3", "dng", "gif", "heic", "heif", "j2k", "jp2", "jxl", "nef", "pbm", "pgm", "pnm", "ppm",
    "psd", "svg", "tga", "tif", "tiff", "webp",
  ]

  /// An image file format, recognised by its first bytes.
  enum Format {
    case jpeg
    case png

    /// The format that belongs to a file extension in lower case, or nil.
    init?(fileExtension: String) {
      switch fileExtension {
      case "png": self = .png
      case _ where jpegExtensions.contains(fileExtension): self = .jpeg
      default: return nil
      }
    }

    /// The number of bytes needed to recognise every format.
    static let prefixCount = 16

    init(_ bytes: ArraySlice<UInt8>, name: String) throws(ImageFileError) {
      if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
        self = .jpeg
      } else if bytes.starts(with: PNGCodec.signature) {
        self = .png
      } else if bytes.dropFirst().starts(with: "PNG".utf8) {
        throw .damaged("\(name): the PNG signature is damaged")
      } else if let other = Self.foreignFormat(bytes) {
        throw .unknownFormat("\(name): this is \(other); only JPEG and PNG can be read, so convert it first")
      } else {
        throw .unknownFormat("\(name): this is neither a JPEG nor a PNG file")
      }
    }

    /// The name of a common format that cannot be read, for the error.
    private static func foreignFormat(_ bytes: ArraySlice<UInt8>) -> String? {
      let brand = bytes.dropFirst(8).prefix(4)
      if bytes.starts(with: "GIF8".utf8) { return "a GIF file" }
      if bytes.starts(with: "BM".utf8) { return "a BMP file" }
      if bytes.starts(with: "RIFF".utf8), brand.elementsEqual("WEBP".utf8) { return "a WebP file" }
      if bytes.starts(with: [0x49, 0x49, 0x2A, 0]) || bytes.starts(with: [0x4D, 0x4D, 0, 0x2A]) {
        return "a TIFF file"
      }
      if bytes.dropFirst(4).starts(with: "ftyp".utf8) {
        return brand.elementsEqual("avif".utf8) ? "an AVIF file" : "a HEIF or MP4 file"
      }
      if bytes.starts(with: "%PDF".utf8) { return "a PDF file" }
      return nil
    }
  }
}
