import JSON

/// The class names of a weight file: an attribute of its model, an entry of its metadata, or a value stored beside a
/// state dict.
enum ClassNames {
  /// Finds class names stored under `names`, `classes` or `class_names`, as an attribute of the model or a value of the
  /// checkpoint. Values that are not lists of a suitable number of names are ignored; nil if there is no other.
  ///
  /// - Parameter counts: The suitable numbers of names.
  static func beside(_ file: WeightFile, counts: Set<Int>) throws(WeightFileError) -> [String]? {
    for holder in [file.module("")?.attributes ?? [:], file.attributes] {
      for key in ["names", "classes", "class_names"] {
        guard let value = holder[key], let texts = texts(of: value), counts.contains(texts.count) else { continue }
        return try checked(texts, file)
      }
    }
    return nil
  }

  /// The class names of a YOLOv5 file, which must be valid: those of the model's attribute, else of the metadata; nil
  /// if there are none.
  static func stated(_ file: WeightFile) throws(WeightFileError) -> [String]? {
    if let names = try attribute(file) { return names }
    return try metadata(file)
  }

  /// The class names in the metadata, as `convert` writes them; nil if there are none.
  static func metadata(_ file: WeightFile) throws(WeightFileError) -> [String]? {
    guard let text = file.metadata["names"] else { return nil }
    let limit = 1_000_000
    let texts: [String]
    do throws(JSONError) {
      texts = try JSONReader.read(text) { (reader) throws(JSONError) in try reader.strings(limit: limit) }
    } catch {
      throw .malformed(
        path: file.path, detail: "the metadata's names must be a JSON list of at most \(limit) strings")
    }
    return try checked(texts, file)
  }

  /// The class names in the model's attribute `names`; nil if there is none.
  private static func attribute(_ file: WeightFile) throws(WeightFileError) -> [String]? {
    guard let value = file.module("")?.attributes["names"] else { return nil }
    if let members = value.members {
      var numbers: Set<Int> = []
      for member in members {
        guard let number = member.key.int, members.indices.contains(number) else {
          throw .malformed(
            path: file.path, detail: "its class names are not numbered from 0 to \(members.count - 1)")
        }
        guard numbers.insert(number).inserted else {
          throw .malformed(path: file.path, detail: "it has two class names with the number \(number)")
        }
      }
    } else if value.elements == nil {
      throw .malformed(path: file.path, detail: "its class names are neither a list nor a dictionary")
    }
    guard let texts = texts(of: value) else {
      throw .malformed(path: file.path, detail: "a class name is not a string")
    }
    return try checked(texts, file)
  }

  /// The strings of a list, or of a dictionary whose keys are consecutive numbers from 0 or 1, as integers or strings;
  /// nil for any other value.
  private static func texts(of value: PickleValue) -> [String]? {
    guard let members = value.members else {
      guard let elements = value.elements else { return nil }
      let texts = elements.compactMap(\.string)
      return texts.count == elements.count ? texts : nil
    }
    let numbers = members.map { $0.key.int ?? $0.key.string.flatMap { Int($0) } ?? -1 }
    let first = numbers.contains(0) ? 0 : 1
    var texts = [String?](repeating: nil, count: members.count)
    for (number, member) in zip(numbers, members) {
      guard number >= first, number - first < texts.count, texts[number - first] == nil, let text = member.value.string
      else { return nil }
      texts[number - first] = text
    }
    return texts.compactMap { $0 }
  }

  private static func checked(_ texts: [String], _ file: WeightFile) throws(WeightFileError) -> [String] {
    let limits = Detection.labelLimits
    guard texts.count <= limits.count else {
      throw .unsupported(
        path: file.path, detail: "it has \(texts.count) class names; at most \(limits.count) are supported")
    }
    for (number, text) in texts.enumerated() where text.utf8.count > limits.byteCount {
      throw .unsupported(
        path: file.path,
        detail: "the name of class \(number) has \(text.utf8.count) bytes; at most \(limits.byteCount) are supported")
    }
    return texts
  }
}
