extension ImageFile {
  /// The extensions of the files that are read, in lower case: of JPEG, of several JPEG images in one file, of PNG.
  public static let extensions: Set<String> = Set(jpegExtensions + ["png"])

  private static let jpegExtensions = ["jpg", "jpeg", "jpe", "jfif", "mpo"]

  /// The extensions of image files that are not read, in lower case, so that a folder's reader can say what it passes over.
  public static let foreignExtensions: Set<String> = [
    "avif", "bmp", "cr2", "cr3", "dng", "gif", "heic", "heif", "j2k", "jp2", "jxl", "nef", "pbm", "pgm", "pnm", "ppm",
    "psd", "svg", "tga", "tif", "tiff", "webp",
  ]

  /// A file format, told by the first bytes.
  enum Format {
    case jpeg
    case png

    /// The format that a file of that extension, in lower case, should have.
    init?(fileExtension: String) {
      switch fileExtension {
      case "png": self = .png
      case _ where jpegExtensions.contains(fileExtension): self = .jpeg
      default: return nil
      }
    }

    /// Bytes needed to tell every format that is known by name.
    static let prefixCount = 16

    init(_ bytes: ArraySlice<UInt8>, name: String) throws(ImageFileError) {
      if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
        self = .jpeg
      } else if bytes.starts(with: PNGCodec.signature) {
        self = .png
      } else if bytes.dropFirst().starts(with: "PNG".utf8) {
        throw .damaged("\(name): the PNG signature is damaged")
      } else if let other = Self.foreignFormat(bytes) {
        throw .unknownFormat("\(name): this is \(other); JPEG and PNG are read")
      } else {
        throw .unknownFormat("\(name): neither a JPEG nor a PNG file, by its first bytes")
      }
    }

    /// The name of a common format that is not read, so that the refusal can say what the file is.
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
