/// The network in a weight file, according to the classes of its layers and the names of its tensors.
public enum NetworkIdentity: Sendable, Hashable, CustomStringConvertible {
  /// A network that Limn runs, or one so similar that loading it names the differences.
  case supported(Architecture)
  /// A network that Limn does not run, as the end of a sentence that begins with “it is”.
  case unsupported(String)

  /// The network as the end of a sentence that begins with “it is”, such as `a YOLOv5`.
  public var description: String {
    switch self {
    case .supported(let architecture): "a \(architecture.name)"
    case .unsupported(let found): found
    }
  }

  /// The networks that Limn runs, as the end of a sentence.
  static let loadable = "Limn runs " + Architecture.all.map(\.variants).joined(separator: ", and ")

  init(_ traces: NetworkTraces) {
    if let found = ForeignNetwork.byClass(traces) {
      self = .unsupported(found)
    } else if let module = traces.pythonModule,
      let architecture = Architecture.all.first(where: { $0.pythonModules.contains(module) })
    {
      // The check of its layers gives a better error than the names of its tensors.
      self = .supported(architecture)
    } else if let found = ForeignNetwork.byTensors(traces) {
      self = .unsupported(traces.model.map { "a \(printable($0.className))" } ?? found)
    } else if let architecture = Architecture.all.first(where: { $0.recognizes(traces) }) {
      self = .supported(architecture)
    } else if let model = traces.model {
      self = .unsupported("a \(printable(model.className))")
    } else {
      self = .unsupported(traces.unknown)
    }
  }
}
