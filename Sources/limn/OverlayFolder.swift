import Annotate

/// A folder that gets each picture with its detections drawn on it, in the subfolders of the pictures' names.
struct OverlayFolder: Sendable {
  private let path: String
  private let overlay = Overlay()

  /// Makes the folder where it is missing.
  init(path: String) throws(AnnotationError) {
    try FileSystem.makeFolders(path)
    self.path = path
  }

  /// Draws and writes one picture; a name that is neither JPEG nor PNG gets `.jpg` added.
  ///
  /// - Throws: `AnnotationError.output` or `CommandError` where nothing can be written, `ImageFileError` for a picture
  ///   that cannot be encoded.
  func write(_ image: Image, _ detections: [Detection], name: String, source: String) throws {
    let target = Self.path(for: name, in: path)
    if let existing = FileIdentity(path: target), existing == FileIdentity(path: source) {
      throw CommandError("\(source): its overlay would replace it")
    }
    try FileSystem.makeFolders(FileSystem.parent(of: target))
    var picture = image
    overlay.draw(detections, on: &picture)
    do {
      try ImageFile.write(picture, to: target)
    } catch .unwritable(let sentence) {
      throw CommandError("cannot write \(sentence)")
    }
  }

  /// The file that the picture of that name is drawn to.
  static func path(for name: String, in folder: String) -> String { "\(folder)/\(fileName(for: name))" }

  static func fileName(for name: String) -> String {
    let lower = name.lowercased()
    return InputList.extensions.contains { lower.hasSuffix("." + $0) } ? name : name + ".jpg"
  }
}
