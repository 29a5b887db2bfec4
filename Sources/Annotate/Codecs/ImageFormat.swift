extension ImageFile {
  /// A file format, told by the first bytes.
  enum Format {
    case jpeg
    case png

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
        throw .unknownFormat("\(name): this is a \(other) file; JPEG and PNG are read")
      } else {
        throw .unknownFormat("\(name): neither a JPEG nor a PNG file, by its first bytes")
      }
    }

    /// The name of a common format that is not read, so that the refusal can say what the file is.
    private static func foreignFormat(_ bytes: ArraySlice<UInt8>) -> String? {
      let brand = bytes.dropFirst(8).prefix(4)
      if bytes.starts(with: "GIF8".utf8) { return "GIF" }
      if bytes.starts(with: "BM".utf8) { return "BMP" }
      if bytes.starts(with: "RIFF".utf8), brand.elementsEqual("WEBP".utf8) { return "WebP" }
      if bytes.starts(with: [0x49, 0x49, 0x2A, 0]) || bytes.starts(with: [0x4D, 0x4D, 0, 0x2A]) { return "TIFF" }
      if bytes.dropFirst(4).starts(with: "ftyp".utf8) {
        return brand.elementsEqual("avif".utf8) ? "AVIF" : "HEIF or MP4"
      }
      if bytes.starts(with: "%PDF".utf8) { return "PDF" }
      return nil
    }
  }
}
