import Annotate

/// A text file with a class name a line.
enum LabelFile {
  /// The names in the file's order; empty lines at the end are left out, as is a byte order mark.
  static func names(_ path: String) throws(CommandError) -> [String] {
    let bytes: [UInt8]
    do {
      bytes = try FileBytes.load(path, limit: 1 << 20) { _ in }
    } catch {
      throw CommandError("\(error)")
    }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let content = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
    guard let text = String(validating: content, as: UTF8.self) else {
      throw CommandError("\(path) is no text in UTF-8")
    }
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    guard !lines.isEmpty, lines.allSatisfy({ !$0.isEmpty }) else {
      throw CommandError("\(path) has no class names, or an empty line among them")
    }
    return lines
  }
}
