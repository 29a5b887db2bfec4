import Annotate

/// What `limn weights inspect` shows of a weight file.
struct WeightReport {
  /// The text: what the file is, what the network makes of it, and every tensor.
  ///
  /// A file that is read but is no YOLOv5 is shown as well, with the reason.
  static func text(of path: String) throws(WeightFileError) -> String {
    let file = try WeightFile(path: path)
    var lines = ["file: \(path)", "format: \(file.format.rawValue)"]
    do {
      let network = try YOLOv5(weights: file)
      lines.append("architecture: YOLOv5")
      lines.append("classes: \(network.labels.count)")
      lines += network.labels.enumerated().map { "  \($0.offset) \($0.element)" }
    } catch {
      lines.append("architecture: none that Limn runs: \(error)")
    }
    lines.append("parameters: \(YOLOv5.parameterCount(of: file))")
    lines += file.metadata.sorted { $0.key < $1.key }.map { "metadata \($0.key): \($0.value)" }
    lines.append("tensors: \(file.entries.count)")
    lines += file.entries.map { "  \($0.name) \($0.dtype) \($0.shape)" }
    return lines.map { $0.printable + "\n" }.joined()
  }
}
