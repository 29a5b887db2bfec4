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
  func write(_ image: Image, _ detections: [Detection], name: String, source: String) throws {
    let target = "\(path)/\(Self.fileName(for: name))"
    if let existing = FileIdentity(path: target), existing == FileIdentity(path: source) {
      throw CommandError("\(source): its overlay would replace it")
    }
    try FileSystem.makeFolders(FileSystem.parent(of: target))
    var picture = image
    overlay.draw(detections, on: &picture)
    try ImageFile.write(picture, to: target)
  }

  static func fileName(for name: String) -> String {
    let lower = name.lowercased()
    return InputList.extensions.contains { lower.hasSuffix("." + $0) } ? name : name + ".jpg"
  }
}
