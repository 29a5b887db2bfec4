import Files

/// A folder that gets each image with its detections drawn on it, in the subfolders of the images' names.
struct OverlayFolder: Sendable {
  private let path: String
  private let overlay = Overlay()

  /// Makes the folder where it is missing.
  init(path: String) throws(AnnotationError) {
    do { try FileSystem.makeFolders(path) } catch { throw AnnotationError(error) }
    self.path = path
  }

  /// The file of one image with its detections drawn on it.
  ///
  /// - Throws: `ImageFileError` for an image that cannot be encoded.
  func encoded(_ image: Image, _ detections: [Detection], name: String) throws(ImageFileError) -> [UInt8] {
    var picture = image
    overlay.draw(detections, on: &picture)
    return try ImageFile.encode(picture, named: Self.fileName(for: name))
  }

  /// Writes an encoded image, to be put into place by `commit`.
  ///
  /// - Throws: `AnnotationError.invalidImage` where the name is what is wrong, else `.output`.
  func open(_ bytes: [UInt8], name: String) throws(AnnotationError) -> OutputFile {
    let target = Self.path(for: name, in: path)
    do throws(FileError) {
      try FileSystem.makeFolders(Path.parent(of: target))
      let file = try OutputFile(path: target, replacing: .regular)
      try file.write(bytes)
      return file
    } catch {
      if error.concernsOneName { throw .invalidImage("\(name): cannot write its overlay \(target): \(error.reason)") }
      throw AnnotationError(error)
    }
  }

  /// The file that the image of that name is drawn to.
  static func path(for name: String, in folder: String) -> String { Path.joined(folder, fileName(for: name)) }

  /// A name that is neither JPEG nor PNG gets `.jpg` added.
  static func fileName(for name: String) -> String {
    let isImage = Path.fileExtension(of: name).map(ImageFile.extensions.contains) ?? false
    return isImage ? name : name + ".jpg"
  }
}
