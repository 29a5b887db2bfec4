import Files

extension ImageFile {
  /// Encodes an image as a baseline JPEG file. Chroma is not subsampled, so that drawn lines stay sharp.
  ///
  /// - Parameters:
  ///   - image: The image.
  ///   - quality: libjpeg's quality, 1 (smallest file) to 100 (best image).
  /// - Returns: The bytes of the file.
  /// - Throws: `ImageFileError.unencodable` for a quality out of range or a side above 65,500 pixels.
  public static func encodeJPEG(_ image: Image, quality: Int = 90) throws(ImageFileError) -> [UInt8] {
    try JPEGCodec.encode(image, quality: quality)
  }

  /// Encodes an image losslessly as an 8-bit RGB PNG file, compressed for speed rather than size.
  ///
  /// - Returns: The bytes of the file.
  /// - Throws: `ImageFileError.unencodable` for a side above 2,147,483,647 pixels.
  public static func encodePNG(_ image: Image) throws(ImageFileError) -> [UInt8] {
    try PNGCodec.encode(image)
  }

  /// Encodes palette indices, `[height][width]`, as a PNG file, compressed for size.
  ///
  /// - Parameter palette: Red, green and blue of all 256 indices.
  /// - Throws: `ImageFileError.unencodable` for a wrong number of indices or colours.
  package static func encodePNG(
    indices: [UInt8], width: Int, height: Int, palette: [UInt8]
  ) throws(ImageFileError) -> [UInt8] {
    try PNGCodec.encode(indices: indices, width: width, height: height, palette: palette)
  }

  /// Encodes an image in the format that a file name's extension gives.
  ///
  /// - Parameters:
  ///   - image: The image.
  ///   - name: A file name that ends in `.jpg`, `.jpeg`, `.jpe`, `.jfif`, `.mpo` or `.png`, in upper or lower case.
  /// - Returns: The bytes of the file.
  /// - Throws: `ImageFileError.unencodable` for another extension, or an image too large for the format.
  public static func encode(_ image: Image, named name: String) throws(ImageFileError) -> [UInt8] {
    switch Path.fileExtension(of: name).flatMap(Format.init(fileExtension:)) {
    case .jpeg: try encodeJPEG(image)
    case .png: try encodePNG(image)
    case nil: throw .unencodable("\(name): the name of an image to write must end in .jpg, .jpeg or .png")
    }
  }

  /// Writes an image to a file, in the format that the path's extension gives, as in `encode(_:named:)`.
  ///
  /// The file is written atomically: under a temporary name in the same folder, then renamed. A file that is replaced
  /// passes on its permissions.
  ///
  /// - Throws: `ImageFileError.unencodable` for another extension, or an image too large for the format;
  ///   `ImageFileError.unwritable`, with the system's reason, if the file cannot be written.
  public static func write(_ image: Image, to path: String) throws(ImageFileError) {
    try write(encode(image, named: path), to: path)
  }

  /// Writes an encoded image to a file atomically, as `write(_:to:)` does.
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
