/// Why an image file was not read or written. Each case holds the whole sentence, which starts with the file's path.
public enum ImageFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file cannot be opened or read: missing, no permission, a folder, empty.
  case unreadable(String)
  /// The content is not that of a JPEG or PNG file.
  case unknownFormat(String)
  /// The picture has more pixels, or the file more bytes, than the caller allows.
  case overLimit(String)
  /// A valid picture of a kind that is not decoded, such as a 12-bit JPEG.
  case unsupported(String)
  /// The file ends too early or contradicts itself.
  case damaged(String)
  /// What the caller asks for is out of range.
  case invalidOption(String)
  /// The picture cannot be encoded as asked.
  case unencodable(String)
  /// The file cannot be written.
  case unwritable(String)

  /// The sentence to show.
  public var description: String {
    switch self {
    case .unreadable(let text), .unknownFormat(let text), .overLimit(let text), .unsupported(let text),
      .damaged(let text), .invalidOption(let text), .unencodable(let text), .unwritable(let text):
      text
    }
  }
}
