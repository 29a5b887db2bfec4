/// The prefix of all tensor names of a network that was wrapped when it was saved: `module.` of DataParallel, `model.`
/// of Lightning, `_orig_mod.` of torch.compile, or the name of an attribute.
enum NetworkPrefix {
  /// Tensor names of which every network that Limn runs has one.
  private static let landmarks = Architecture.all.flatMap(\.landmarks)

  /// The prefix of the first landmark. It is empty if any name is a landmark, and nil if no name ends with one.
  static func find(in names: some Sequence<String>) -> String? {
    var prefix: String?
    for name in names {
      guard let found = self.prefix(of: name), prefix == nil || found.isEmpty else { continue }
      prefix = found
      if found.isEmpty { break }
    }
    return prefix
  }

  /// The part of a name before a landmark at its end; nil if there is none.
  static func prefix(of name: String) -> String? {
    let text = name.utf8
    // YOLOv5's names start with `model.` themselves, so only a whole landmark after a dot counts.
    let landmark = landmarks.first { landmark in
      let rest = text.count - landmark.utf8.count
      return rest >= 0 && text.suffix(landmark.utf8.count).elementsEqual(landmark.utf8)
        && (rest == 0 || text.dropLast(landmark.utf8.count).last == UInt8(ascii: "."))
    }
    return landmark.map { String(decoding: text.dropLast($0.utf8.count), as: UTF8.self) }
  }

  /// `name` without the prefix, or nil if it does not start with it.
  static func removing(_ prefix: String, from name: String) -> String? {
    guard name.utf8.starts(with: prefix.utf8) else { return nil }
    return String(decoding: name.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
  }

  /// Removes the prefix from the names of tensors that have it. Throws if two tensors then have one name.
  static func removing(
    _ prefix: String, from entries: [WeightFile.Entry]
  ) throws(FormatFault) -> [WeightFile.Entry] {
    let outside = Set(entries.lazy.map(\.name).filter { !$0.utf8.starts(with: prefix.utf8) })
    var renamed: [WeightFile.Entry] = []
    renamed.reserveCapacity(entries.count)
    for entry in entries {
      let name = removing(prefix, from: entry.name) ?? entry.name
      guard name.utf8.count == entry.name.utf8.count || !outside.contains(name) else {
        throw .malformed("it has both “\(printable(entry.name))” and “\(printable(name))”")
      }
      renamed.append(WeightFile.Entry(name: name, tensor: entry.tensor))
    }
    return renamed
  }

  /// The layers of the network itself, below the prefix, with the prefix removed.
  static func removing(_ prefix: String, from modules: [WeightFile.Module]) -> [WeightFile.Module] {
    modules.compactMap { module in
      // The path of the network itself has no dot at its end.
      guard let path = removing(prefix, from: module.path + ".") else { return nil }
      return WeightFile.Module(
        path: String(path.dropLast()), className: module.className, attributes: module.attributes)
    }
  }
}
