import JSON

/// The class names that a weight file holds: an attribute of its model, a text of its metadata, or what lies beside a
/// state dict.
enum ClassNames {
  /// Names for a network of `classes` classes that a file offers without a rule: under `names`, `classes` or
  /// `class_names`, an attribute of the model or a member of the checkpoint. What does not fit means something else. nil
  /// where none fits.
  ///
  /// - Parameter counts: The counts that fit.
  static func beside(_ file: WeightFile, counts: Set<Int>) throws(WeightFileError) -> [String]? {
    for holder in [file.module("")?.attributes ?? [:], file.attributes] {
      for key in ["names", "classes", "class_names"] {
        guard let value = holder[key], let texts = texts(of: value), counts.contains(texts.count) else { continue }
        return try checked(texts, file)
      }
    }
    return nil
  }

  /// The names that a YOLOv5's file must have right: the model's attribute, else the metadata's; nil without.
  static func stated(_ file: WeightFile) throws(WeightFileError) -> [String]? {
    if let names = try attribute(file) { return names }
    return try metadata(file)
  }

  /// The names of the metadata, which say what `convert` wrote; nil without.
  static func metadata(_ file: WeightFile) throws(WeightFileError) -> [String]? {
    guard let text = file.metadata["names"] else { return nil }
    let limit = 1_000_000
    let texts: [String]
    do throws(JSONError) {
      texts = try JSONReader.read(text) { (reader) throws(JSONError) in try reader.strings(limit: limit) }
    } catch {
      throw .malformed(path: file.path, detail: "the metadata's names are no list of at most \(limit) texts")
    }
    return try checked(texts, file)
  }

  /// The names that a model has as its attribute; nil without.
  private static func attribute(_ file: WeightFile) throws(WeightFileError) -> [String]? {
    guard let value = file.module("")?.attributes["names"] else { return nil }
    if let members = value.members {
      var numbers: Set<Int> = []
      for member in members {
        guard let number = member.key.int, members.indices.contains(number) else {
          throw .malformed(path: file.path, detail: "the class names are not numbered 0 to \(members.count - 1)")
        }
        guard numbers.insert(number).inserted else {
          throw .malformed(path: file.path, detail: "there are two class names of the number \(number)")
        }
      }
    } else if value.elements == nil {
      throw .malformed(path: file.path, detail: "its class names are neither a list nor a dictionary")
    }
    guard let texts = texts(of: value) else {
      throw .malformed(path: file.path, detail: "a class name is not a text")
    }
    return try checked(texts, file)
  }

  /// The texts of a list, or of a dictionary by numbers, or texts of numbers, that follow one another from 0 or 1; nil
  /// for anything else.
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
      throw .unsupported(path: file.path, detail: "it names \(texts.count) classes; at most \(limits.count) are read")
    }
    for (number, text) in texts.enumerated() where text.utf8.count > limits.byteCount {
      throw .unsupported(
        path: file.path,
        detail: "its name of class \(number) takes \(text.utf8.count) bytes; at most \(limits.byteCount) are read")
    }
    return texts
  }
}
