import Annotate
import Files

/// A text file with one class name per line.
enum LabelFile {
  /// Reads the names, in the order of the file. Empty lines at the end and a byte order mark are skipped.
  static func names(_ path: String) throws(CommandError) -> [String] {
    let bytes: [UInt8]
    do {
      bytes = try FileSystem.contents(of: path, limit: 1 << 20)
    } catch {
      throw CommandError("cannot read the labels in \(path): \((error as? FileError)?.reason ?? "\(error)")")
    }
    guard let text = String(validating: bytes.withoutByteOrderMark, as: UTF8.self) else {
      throw CommandError("\(path) is not a text file in UTF-8")
    }
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    guard !lines.isEmpty else { throw CommandError("\(path) has no class names") }
    if let empty = lines.firstIndex(where: \.isEmpty) {
      throw CommandError("\(path) has an empty line among the class names, line \(empty + 1)")
    }
    guard lines[0] != Detection.backgroundLabel else {
      throw CommandError("\(path) begins with __background__, which is not a class of objects: remove that line")
    }
    return lines
  }
}
