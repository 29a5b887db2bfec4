/// Operations on paths as bytes separated by `/`.
package enum Path {
  private static let slash = UInt8(ascii: "/")

  /// The parts between slashes, by default without empty ones.
  package static func parts(of path: String, omittingEmpty: Bool = true) -> [String] {
    path.utf8.split(separator: slash, omittingEmptySubsequences: omittingEmpty).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// The folder that contains `path`: `a` for `a/b`, `.` for `b`, `/` for `/b`.
  package static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: slash) else { return "." }
    return slash == path.startIndex ? "/" : String(decoding: path.utf8[..<slash], as: UTF8.self)
  }

  /// The part after the last `/`.
  package static func lastPart(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: slash) else { return path }
    return String(decoding: path.utf8[path.utf8.index(after: slash)...], as: UTF8.self)
  }

  /// The path of `name` in a folder.
  package static func joined(_ folder: String, _ name: String) -> String {
    folder.utf8.last == slash ? folder + name : "\(folder)/\(name)"
  }

  /// The path without its extension: `a/b.c` for `a/b.c.jpg`. A leading dot of the last part does not start an
  /// extension.
  package static func stem(of path: String) -> String {
    guard let dot = extensionDot(in: path) else { return path }
    return String(decoding: path.utf8[..<dot], as: UTF8.self)
  }

  /// The extension of the last part, in lower case without the dot; nil if there is none. A leading dot does not start
  /// one.
  package static func fileExtension(of path: String) -> String? {
    extensionDot(in: path).map {
      String(decoding: path.utf8[path.utf8.index(after: $0)...], as: UTF8.self).lowercased()
    }
  }

  private static func extensionDot(in path: String) -> String.UTF8View.Index? {
    let start = path.utf8.lastIndex(of: slash).map { path.utf8.index(after: $0) } ?? path.startIndex
    guard let dot = path.utf8.lastIndex(of: UInt8(ascii: ".")), dot > start else { return nil }
    return dot
  }
}
