import Annotate
import Files

/// The output of `limn weights inspect`.
struct WeightReport {
  /// The report on a weight file: its format, architecture, classes, parameters, metadata and tensors.
  ///
  /// A weight file with a network that Limn does not run has the reason instead of an architecture.
  static func text(of path: String) throws -> String {
    let file = try WeightFile(path: path)
    let engine = try Engine(threads: 1)
    var lines = ["file: \(path)", "format: \(file.format.rawValue)"]
    switch file.network {
    case .supported(let architecture):
      do {
        let labels = try architecture.detector(weights: file, engine: engine).labels
        lines.append("architecture: \(architecture.name)")
        lines.append("classes: \(labels.count)")
        lines += labels.enumerated().map { "  \($0.offset) \($0.element)" }
      } catch {
        lines.append("architecture: \(architecture.name), which Limn does not run: \(error)")
      }
    case .unsupported(let found):
      lines.append("architecture: none that Limn runs; it is \(found)")
    }
    lines.append("parameters: \(file.parameterCount)")
    lines += file.metadata.sorted { $0.key < $1.key }.map { "metadata \($0.key): \($0.value)" }
    lines.append("tensors: \(file.entries.count)")
    lines += file.entries.map { "  \($0.name) \($0.dtype) \($0.shape)" }
    return lines.map { $0.printable + "\n" }.joined()
  }
}
