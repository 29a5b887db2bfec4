/// What shows which network a weight file has: the classes of its layers and the names of its tensors, without a
/// prefix that all of them have.
struct NetworkTraces {
  private let entries: [WeightFile.Entry]
  private let modules: [WeightFile.Module]

  init(_ entries: [WeightFile.Entry], _ modules: [WeightFile.Module]) {
    self.entries = entries
    self.modules = modules
  }

  /// The pickled model; nil if the file has only tensors.
  var model: WeightFile.Module? { modules.first }

  /// The Python module of the pickled model's class, by its last two names, such as `models.yolo`.
  var pythonModule: String? {
    model?.className.split(separator: ".").dropLast().suffix(2).joined(separator: ".")
  }

  /// The first layer whose class has the given name up to a dot.
  func layer(ofPackage package: String) -> WeightFile.Module? {
    modules.first { $0.className.utf8.starts(with: "\(package).".utf8) }
  }

  /// The class of the layer at a path, without its Python module; nil if there is no such layer.
  func className(at path: String) -> Substring? {
    modules.first { $0.path == path }?.className.split(separator: ".").last
  }

  /// Whether there is a tensor with the given name.
  func has(_ name: String) -> Bool { entries.contains { $0.name == name } }

  /// Whether the name of a tensor starts with the given text.
  func has(prefix: String) -> Bool { entries.contains { $0.name.utf8.starts(with: prefix.utf8) } }

  /// Whether the name of a tensor ends with the given text.
  func has(suffix: String) -> Bool {
    let count = suffix.utf8.count
    return entries.contains { $0.name.utf8.suffix(count).elementsEqual(suffix.utf8) }
  }

  /// The first tensor named `model.<number>.anchors`.
  var anchors: String? {
    entries.lazy.map(\.name).first { name in
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      return parts.count == 3 && parts[0] == "model" && parts[2] == "anchors" && Int(parts[1]) != nil
    }
  }

  /// A network that nothing is known of, as the end of a sentence that begins with “it is”.
  var unknown: String {
    let shown = entries.prefix(3).map { printable($0.name) }.joined(separator: ", ")
    let more = entries.count > 3 ? " and \(entries.count - 3) more" : ""
    return shown.isEmpty
      ? "not a network: it has no tensors"
      : "no network that Limn knows by the names of its tensors: \(shown)\(more)"
  }
}
