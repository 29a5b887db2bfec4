import Tensor

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

  /// Writes a picture in the format of the path's extension: `jpg`, `jpeg` or `png`, in either case.
  ///
  /// The file appears whole or not at all: it is written under another name in the same folder, then renamed.
  ///
  /// - Throws: `unencodable` for another extension or as the encoders, `unwritable` with the system's reason.
  public static func write(_ image: Image, to path: String) throws(ImageFileError) {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    let dot = name.lastIndex(of: ".")
    let bytes: [UInt8]
    switch dot.map({ name[name.index(after: $0)...].lowercased() }) {
    case "jpg", "jpeg": bytes = try encodeJPEG(image)
    case "png": bytes = try encodePNG(image)
    default: throw .unencodable("\(path): the name of a picture to write ends in .jpg, .jpeg or .png")
    }
    try FileBytes.save(bytes, to: path)
  }
}
