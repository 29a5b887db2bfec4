import Files

extension ImageFile {
  /// Encodes a picture as a baseline JPEG file whose chroma is not subsampled, so that drawn lines stay sharp.
  ///
  /// - Parameters:
  ///   - image: the picture.
  ///   - quality: libjpeg's scale, 1 (smallest) to 100 (best).
  /// - Throws: `unencodable` for a quality outside its range or a side above 65,500 pixels.
  public static func encodeJPEG(_ image: Image, quality: Int = 90) throws(ImageFileError) -> [UInt8] {
    try JPEGCodec.encode(image, quality: quality)
  }

  /// Encodes a picture as an 8-bit RGB PNG file, without loss, compressed for speed rather than size.
  ///
  /// - Throws: `unencodable` for a side above 2,147,483,647 pixels.
  public static func encodePNG(_ image: Image) throws(ImageFileError) -> [UInt8] {
    try PNGCodec.encode(image)
  }

  /// Encodes palette indices `[height][width]` as a PNG file, compressed for size.
  ///
  /// - Parameter palette: red, green and blue of all 256 indices.
  /// - Throws: `unencodable` for counts that do not fit.
  package static func encodePNG(
    indices: [UInt8], width: Int, height: Int, palette: [UInt8]
  ) throws(ImageFileError) -> [UInt8] {
    try PNGCodec.encode(indices: indices, width: width, height: height, palette: palette)
  }

  /// Encodes a picture in the format of a file name's extension: `jpg`, `jpeg`, `jpe`, `jfif` or `png`, in either case.
  ///
  /// - Throws: `unencodable` for another extension or as the encoders.
  public static func encode(_ image: Image, named name: String) throws(ImageFileError) -> [UInt8] {
    switch Path.fileExtension(of: name).flatMap(Format.init(fileExtension:)) {
    case .jpeg: try encodeJPEG(image)
    case .png: try encodePNG(image)
    case nil: throw .unencodable("\(name): the name of a picture to write ends in .jpg, .jpeg or .png")
    }
  }

  /// Writes a picture in the format of the path's extension; see `encode(_:named:)`.
  ///
  /// The file appears whole or not at all: it is written under another name in the same folder, then renamed. What was
  /// there keeps its permissions.
  ///
  /// - Throws: `unencodable` for another extension or as the encoders, `unwritable` with the system's reason.
  public static func write(_ image: Image, to path: String) throws(ImageFileError) {
    try write(encode(image, named: path), to: path)
  }

  /// Writes an encoded picture; see `write(_:to:)`.
  package static func write(_ bytes: [UInt8], to path: String) throws(ImageFileError) {
    do throws(FileError) {
      let file = try OutputFile(path: path, replacing: .regular)
      try file.write(bytes)
      try file.commit()
    } catch {
      throw .unwritable("\(path): \(error.reason)")
    }
  }
}
