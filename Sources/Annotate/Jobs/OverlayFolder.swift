import Files

/// A folder for the images with their detections drawn on them. Subfolders follow the names of the images.
struct OverlayFolder: Sendable {
  private let path: String
  private let overlay = Overlay()

  /// Makes the folder if it is missing.
  init(path: String) throws(AnnotationError) {
    do { try FileSystem.makeFolders(path) } catch { throw AnnotationError(error) }
    self.path = path
  }

  /// Returns the bytes of an image file with the detections drawn on the image.
  ///
  /// - Throws: `ImageFileError` if the image cannot be encoded.
  func encoded(_ image: Image, _ detections: [Detection], name: String) throws(ImageFileError) -> [UInt8] {
    var drawn = image
    overlay.draw(detections, on: &drawn)
    return try ImageFile.encode(drawn, named: Self.fileName(for: name))
  }

  /// Writes an encoded image to a temporary file, which `commit` puts into place.
  ///
  /// - Throws: `AnnotationError.invalidImage` if the name is unsuitable, `AnnotationError.output` for other failures.
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

  /// Returns the path of the overlay of the image with the given name.
  static func path(for name: String, in folder: String) -> String { Path.joined(folder, fileName(for: name)) }

  /// Returns the file name for an image. Names without a JPEG or PNG extension get `.jpg` appended.
  static func fileName(for name: String) -> String {
    let isImage = Path.fileExtension(of: name).map(ImageFile.extensions.contains) ?? false
    return isImage ? name : name + ".jpg"
  }
}
