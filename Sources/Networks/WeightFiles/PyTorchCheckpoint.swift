/// What a PyTorch zip checkpoint holds: the model's tensors under the names of `state_dict()`, its modules where the
/// model is a pickled object, and the rest of the checkpoint as values.
struct PyTorchCheckpoint {
  private(set) var entries: [WeightFile.Entry] = []
  private(set) var modules: [WeightFile.Module] = []
  private(set) var attributes: [String: PickleValue] = [:]
  /// The key under which the model or state dict was found; nil where it is the whole.
  private(set) var modelKey: String?

  /// Reads the archive in `file`.
  init(_ file: UnsafeRawBufferPointer) throws(FormatFault) {
    let archive = try ZipArchive(file)
    let folder = try Self.folder(of: archive)
    if let range = try archive.range(of: "\(folder)/byteorder") {
      let order = String(decoding: file[range].prefix(16), as: UTF8.self)
      guard order == "little" else {
        throw .unsupported("it was saved with the byte order “\(printable(order))”; little-endian files are read")
      }
    }
    guard let pickle = try archive.range(of: "\(folder)/data.pkl") else { throw Self.notCheckpoint }
    let (graph, root) = try Unpickler.load(UnsafeRawBufferPointer(rebasing: file[pickle])) {
      (key) throws(FormatFault) in try archive.range(of: "\(folder)/data/\(key)")
    }
    try collect(from: root, graph)
    guard !entries.isEmpty else { throw .unsupported("it holds no model and no state dict, so no weights") }
  }

  private static let notCheckpoint = FormatFault.unsupported(
    "it is a zip archive, but not a PyTorch checkpoint: it has no data.pkl in its folder")

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

  /// Finds the model: the pickle itself, or what lies under `ema`, else `model`, as YOLOv5 chooses; or a state dict:
  /// the pickle itself, or what lies under `state_dict`, else `model`.
  private mutating func collect(from root: PickleGraph.NodeID, _ graph: PickleGraph) throws(FormatFault) {
    var copier = ValueCopier(graph: graph)
    if graph.isModule(root) { return try collectModules(root, graph, &copier) }
    guard let members = try graph.members(of: root) else { return }

    func chosen(
      of names: [String], where isFit: (PickleGraph.NodeID) -> Bool
    ) -> (name: String, value: PickleGraph.NodeID)? {
      names.compactMap { name in members.first { $0.name == name } }.first { isFit($0.value) }
    }
    func hasTensors(_ id: PickleGraph.NodeID) -> Bool {
      guard case .dict = graph[id], let items = graph.items(of: id) else { return false }
      return stride(from: 1, to: items.count, by: 2).contains { graph.tensor(items[$0]) != nil }
    }

    if let model = chosen(of: ["ema", "model"], where: graph.isModule) {
      modelKey = model.name
      try collectModules(model.value, graph, &copier)
    } else if hasTensors(root) {
      return collectStateDict(members, graph, &copier)
    } else if let states = chosen(of: ["state_dict", "model"], where: hasTensors) {
      modelKey = states.name
      collectStateDict(try graph.members(of: states.value) ?? [], graph, &copier)
    }
    for member in members where member.name != modelKey {
      attributes[member.name] = copier.value(of: member.value)
    }
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

  /// Takes the tensors of a state dict as entries and the rest as attributes.
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
