/// Parts of a picture's name. Names are paths; parts are separated by `/`.
package enum ImageName {
  /// What follows the last `/`.
  static func lastPart(of name: String) -> String {
    guard let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")) else { return name }
    return String(name[name.utf8.index(after: slash)...])
  }

  /// The name without its extension: `a/b.c` of `a/b.c.jpg`. A part that only begins with a dot keeps it.
  package static func stem(of name: String) -> String {
    let start = name.utf8.lastIndex(of: UInt8(ascii: "/")).map { name.utf8.index(after: $0) } ?? name.startIndex
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot > start else { return name }
    return String(name[..<dot])
  }
}
