/// The reason why an image file was not read or written. Each case has a whole sentence, which starts with the file's
/// path.
public enum ImageFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file cannot be opened or read: it is missing, empty or a folder, or the permission is missing.
  case unreadable(String)
  /// The file is neither a JPEG nor a PNG file.
  case unknownFormat(String)
  /// The image has more pixels, or the file more bytes, than the options allow.
  case overLimit(String)
  /// The file is valid but of a kind that is not decoded, such as a 12-bit JPEG.
  case unsupported(String)
  /// The file is truncated or damaged.
  case damaged(String)
  /// An argument is out of range.
  case invalidOption(String)
  /// The image cannot be encoded in the format, or the format is unknown.
  case unencodable(String)
  /// The file cannot be written.
  case unwritable(String)

  /// The sentence to show to the user.
  public var description: String {
    switch self {
    case .unreadable(let text), .unknownFormat(let text), .overLimit(let text), .unsupported(let text),
      .damaged(let text), .invalidOption(let text), .unencodable(let text), .unwritable(let text):
      text
    }
  }
}
