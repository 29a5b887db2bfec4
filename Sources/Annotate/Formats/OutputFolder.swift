/// A folder that gets one file a picture, in the subfolders of the pictures' names.
struct OutputFolder: Sendable {
  /// The folder's path.
  let path: String
  private let suffix: String
  // Swift compares strings by canonical equivalence; files whose names differ only so are two files.
  private var stems: Set<[UInt8]> = []

  /// Makes the folder where it is missing. Files get `suffix` for the extension of the picture.
  init(path: String, suffix: String) throws(AnnotationError) {
    try FileSystem.makeFolders(path)
    self.path = path
    self.suffix = suffix
  }

  /// Writes the file of one picture.
  ///
  /// - Throws: `AnnotationError.invalidImage` when the name would leave the folder, or when another picture's file has
  ///   the same name (`a.jpg` and `a.png`).
  mutating func write(_ text: String, for name: String) throws(AnnotationError) {
    try write(Array(text.utf8), for: name)
  }

  /// Writes the file of one picture from its bytes.
  ///
  /// - Throws: as for a text.
  mutating func write(_ bytes: [UInt8], for name: String) throws(AnnotationError) {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }), !name.utf8.contains(0) else {
      throw .invalidImage("\(name): not a relative path that stays within the output folder")
    }
    let stem = ImageName.stem(of: name)
    guard stems.insert(Array(stem.utf8)).inserted else {
      throw .invalidImage("\(name): its annotations would replace those of another image, \(stem)\(suffix)")
    }
    let path = "\(path)/\(stem)\(suffix)"
    try FileSystem.makeFolders(FileSystem.parent(of: path))
    var file = try OutputFile(path: path)
    try file.write(bytes)
    try file.commit()
  }
}
