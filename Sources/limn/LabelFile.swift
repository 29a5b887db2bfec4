import Annotate
import Files

/// A text file with a class name a line.
enum LabelFile {
  /// The names in the file's order; empty lines at the end are left out, as is a byte order mark.
  static func names(_ path: String) throws(CommandError) -> [String] {
    let bytes: [UInt8]
    do {
      bytes = try FileSystem.contents(of: path, limit: 1 << 20)
    } catch {
      throw CommandError("cannot read the labels in \(path): \((error as? FileError)?.reason ?? "\(error)")")
    }
    guard let text = String(validating: bytes.withoutByteOrderMark, as: UTF8.self) else {
      throw CommandError("\(path) is no text in UTF-8")
    }
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    guard !lines.isEmpty else { throw CommandError("\(path) has no class names") }
    if let empty = lines.firstIndex(where: \.isEmpty) {
      throw CommandError("\(path) has an empty line among the class names, line \(empty + 1)")
    }
    guard lines[0] != "__background__" else {
      throw CommandError("\(path) names __background__, which is no object's class: leave that line out")
    }
    return lines
  }
}
