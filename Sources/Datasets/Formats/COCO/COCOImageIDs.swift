import Files
import JSON

/// The image ids of an existing COCO file, by file name, to give new annotations the same ids.
public struct COCOImageIDs: Sendable, Hashable {
  /// The largest size of a file, in bytes.
  private static let byteLimit = 8 << 30

  private let ids: [String: Int]

  /// Makes a value from ids by file name. All ids should be different.
  public init(_ ids: [String: Int]) { self.ids = ids }

  /// Reads the image ids of a COCO file.
  ///
  /// - Throws: `AnnotationError.input` if the file cannot be read, is not a COCO file, or has two images with the same
  ///   name or id. The reason gives the line and column.
  public init(path: String) throws(AnnotationError) {
    do {
      let bytes = try FileSystem.contents(of: path, limit: Self.byteLimit)
      ids = try JSONReader.read(bytes) { (reader) throws(JSONError) in try Self.images(&reader) }
    } catch let error as FileError {
      throw .input(path: path, reason: error.reason)
    } catch {
      throw .input(path: path, reason: "\(error)")
    }
  }

  private static func images(_ reader: inout JSONReader) throws(JSONError) -> [String: Int] {
    var ids: [String: Int] = [:]
    var used: Set<Int> = []
    var hasImages = false
    try reader.object { (reader, key) throws(JSONError) in
      guard key == "images" else { return }
      hasImages = true
      try reader.array { (reader) throws(JSONError) in
        var (name, id): (String?, Int?)
        try reader.object { (reader, key) throws(JSONError) in
          switch key {
          case "file_name": name = try reader.string()
          // pandas writes whole numbers as 1.0.
          case "id":
            id = Int(exactly: try reader.double())
            if id ?? -1 < 0 { throw reader.refusal("an image's id must be an integer of at least 0") }
          default: break
          }
        }
        guard let name, let id else { throw reader.refusal("the image that ends here has no file_name or no id") }
        guard ids.updateValue(id, forKey: name) == nil else {
          throw reader.refusal("two images have the file_name \(JSONText.quoted(name.printable(limit: 200)))")
        }
        guard used.insert(id).inserted else { throw reader.refusal("two images have the id \(id)") }
      }
    }
    guard hasImages else { throw reader.refusal("a COCO file must have a list named images") }
    return ids
  }

  /// The known ids, by index in `names`.
  ///
  /// A name is looked up as a whole, then by its last part, if only one name in `names` and one in the file end with
  /// it.
  package func ids(of names: [String]) -> [Int: Int] {
    var found: [Int: Int] = [:]
    for (index, name) in names.enumerated() { found[index] = ids[name] }
    var used = Set(found.values)
    let here = Dictionary(names.map { (Path.lastPart(of: $0), 1) }, uniquingKeysWith: +)
    let there = Dictionary(ids.map { (Path.lastPart(of: $0.key), $0.value) }) { _, _ in -1 }
    for (index, name) in names.enumerated() where found[index] == nil {
      let part = Path.lastPart(of: name)
      guard here[part] == 1, let id = there[part], id >= 0, used.insert(id).inserted else { continue }
      found[index] = id
    }
    return found
  }
}
