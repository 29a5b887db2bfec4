/// The content of a PyTorch zip checkpoint: the model's tensors with their names in `state_dict()`, its modules if the
/// model is a pickled object, and the other values of the checkpoint.
struct PyTorchCheckpoint {
  private(set) var entries: [WeightFile.Entry] = []
  private(set) var modules: [WeightFile.Module] = []
  private(set) var attributes: [String: PickleValue] = [:]
  /// The key under which the model or state dict was found; nil if it is the checkpoint itself.
  private(set) var modelKey: String?

  /// Reads the archive in `file`.
  init(_ file: UnsafeRawBufferPointer) throws(FormatFault) {
    let archive = try ZipArchive(file)
    let folder = try Self.folder(of: archive)
    if let range = try archive.range(of: "\(folder)/byteorder") {
      let order = String(decoding: file[range].prefix(16), as: UTF8.self)
      guard order == "little" else {
        throw .unsupported(
          "it was saved with the byte order “\(printable(order))”; only little-endian files are supported")
      }
    }
    guard let pickle = try archive.range(of: "\(folder)/data.pkl") else { throw Self.notCheckpoint }
    let (graph, root) = try Unpickler.load(UnsafeRawBufferPointer(rebasing: file[pickle])) {
      (key) throws(FormatFault) in try archive.range(of: "\(folder)/data/\(key)")
    }
    try collect(from: root, graph)
    guard !entries.isEmpty else { throw try Self.noWeights(root, graph) }
  }

  private static func noWeights(_ root: PickleGraph.NodeID, _ graph: PickleGraph) throws(FormatFault) -> FormatFault {
    let keys = try graph.members(of: root)?.map(\.name) ?? []
    guard !keys.isEmpty else { return .unsupported("it has no weights: neither a model nor a state dict") }
    let more = keys.count > 10 ? " and \(keys.count - 10) more" : ""
    return .unsupported(
      "it has no model, and no state dict at its top level or under one of its keys: "
        + keys.prefix(10).map(printable).joined(separator: ", ") + more)
  }

  private static let notCheckpoint = FormatFault.unsupported(
    "it is a zip archive, but not a PyTorch checkpoint: it has no file data.pkl in its folder")

  private static func folder(of archive: ZipArchive) throws(FormatFault) -> String {
    guard let first = archive.names.first, let slash = first.firstIndex(of: "/") else { throw notCheckpoint }
    let folder = first[..<slash]
    let isScript = archive.names.contains { $0 == "\(folder)/constants.pkl" || $0.hasPrefix("\(folder)/code/") }
    guard !isScript else {
      throw .unsupported(
        "it is a TorchScript archive (torch.jit.save); save the model or its state_dict() with torch.save")
    }
    return String(folder)
  }

  private typealias Member = (name: String, value: PickleGraph.NodeID)

  /// The keys of a model object, in the order of YOLOv5.
  private static let modelKeys = ["ema", "model"]

  /// The keys of a state dict.
  private static let stateKeys = [
    "state_dict", "model", "model_state_dict", "net", "network", "weights", "params", "ema_state_dict", "ema",
  ]

  /// Finds the model or state dict, which is the pickle itself or the value of one of the keys.
  private mutating func collect(from root: PickleGraph.NodeID, _ graph: PickleGraph) throws(FormatFault) {
    var copier = ValueCopier(graph: graph)
    if graph.isModule(root) { return try collectModules(root, graph, &copier) }
    guard let members = try graph.members(of: root) else { return }
    let named = Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
    func model(in keys: [String]) -> Member? {
      keys.lazy.compactMap { key in named[key].map { (key, $0) } }.first { graph.isModule($0.1) }
    }

    if let model = model(in: Self.modelKeys) {
      modelKey = model.name
      try collectModules(model.value, graph, &copier)
    } else if let states = Self.stateDict(root, members, named, graph) {
      guard states.value != root else { return collectStateDict(members, graph, &copier) }
      modelKey = states.name
      collectStateDict(try graph.members(of: states.value) ?? [], graph, &copier)
    } else if let model = model(in: Self.stateKeys) {
      modelKey = model.name
      try collectModules(model.value, graph, &copier)
    }
    for member in members where member.name != modelKey {
      attributes[member.name] = copier.value(of: member.value)
    }
  }

  /// The dictionary of tensors with a network that Limn runs: the root, the value of a known key, or that of any key.
  /// Without such a network, it is the root or the first value of a known key that has tensors.
  private static func stateDict(
    _ root: PickleGraph.NodeID, _ members: [Member], _ named: [String: PickleGraph.NodeID], _ graph: PickleGraph
  ) -> Member? {
    let known = [("", root)] + stateKeys.compactMap { key in named[key].map { (key, $0) } }
    var fallback: Member?
    // Many keys may have the same dictionary.
    var seen: Set<PickleGraph.NodeID> = []
    for (index, member) in (known + members).enumerated() where seen.insert(member.1).inserted {
      guard case .dict = graph[member.1], let items = graph.items(of: member.1) else { continue }
      var hasTensors = false
      for key in stride(from: 0, to: items.count - 1, by: 2) where graph.tensor(items[key + 1]) != nil {
        hasTensors = true
        if let name = graph.string(items[key]), NetworkPrefix.prefix(of: name) != nil { return member }
      }
      if hasTensors, fallback == nil, index < known.count { fallback = member }
    }
    return fallback
  }

  private mutating func collectModules(
    _ root: PickleGraph.NodeID, _ graph: PickleGraph, _ copier: inout ValueCopier
  ) throws(FormatFault) {
    var walk = ModuleWalk(graph: graph, copier: copier)
    try walk.visit(root, path: "")
    copier = walk.copier
    modules = walk.modules
    entries = walk.entries
  }

  /// Collects the tensors of a state dict as entries, and its other values as attributes.
  private mutating func collectStateDict(
    _ members: [(name: String, value: PickleGraph.NodeID)], _ graph: PickleGraph, _ copier: inout ValueCopier
  ) {
    for member in members {
      if let tensor = graph.tensor(member.value) {
        entries.append(WeightFile.Entry(name: member.name, tensor: tensor))
      } else {
        attributes[member.name] = copier.value(of: member.value)
      }
    }
  }
}
