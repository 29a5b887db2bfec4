/// What a PyTorch zip checkpoint holds: the model's tensors under the names of `state_dict()`, its modules where the
/// model is a pickled object, and the rest of the checkpoint as values.
struct PyTorchCheckpoint {
  private(set) var entries: [WeightFile.Entry] = []
  private(set) var modules: [WeightFile.Module] = []
  private(set) var attributes: [String: PickleValue] = [:]
  private(set) var modelKey: String?

  private let graph: PickleGraph

  /// Reads the archive in `file`.
  init(_ file: UnsafeRawBufferPointer) throws(FormatFault) {
    let archive = try ZipArchive(file)
    let root = try Self.rootFolder(of: archive)
    if let range = archive["\(root)/byteorder"] {
      let order = String(decoding: file[range].prefix(16), as: UTF8.self)
      guard order == "little" else {
        throw .unsupported("it was saved with the byte order “\(printable(order))”; little-endian files are read")
      }
    }
    guard let pickle = archive["\(root)/data.pkl"] else { throw Self.notCheckpoint }
    let loaded = try Unpickler.load(UnsafeRawBufferPointer(rebasing: file[pickle])) { archive["\(root)/data/\($0)"] }
    graph = loaded.graph
    try collect(from: loaded.root)
    guard !entries.isEmpty else { throw .unsupported("it holds no model and no state dict, so no weights") }
  }

  private static let notCheckpoint = FormatFault.unsupported(
    "it is a zip archive, but not a PyTorch checkpoint: it has no data.pkl in its folder")

  private static func rootFolder(of archive: ZipArchive) throws(FormatFault) -> String {
    guard let first = archive.names.first, let slash = first.firstIndex(of: "/") else { throw notCheckpoint }
    let root = first[..<slash]
    let isScript = archive.names.contains { $0 == "\(root)/constants.pkl" || $0.hasPrefix("\(root)/code/") }
    guard !isScript else {
      throw .unsupported(
        "it is a TorchScript archive (torch.jit.save); save the model or its state_dict() with torch.save")
    }
    return String(root)
  }

  /// Finds the model: the pickle itself, or what lies under `ema`, else `model`, as YOLOv5 chooses; or a state dict:
  /// the pickle itself, or what lies under `state_dict`, else `model`.
  private mutating func collect(from root: PickleGraph.NodeID) throws(FormatFault) {
    if graph.isModule(root) { return try collectModule(root, path: "", enclosing: []) }
    guard let members = try graph.members(of: root) else { return }
    let chosen =
      Self.first(of: ["ema", "model"], in: members) { graph.isModule($0) }
      ?? (hasTensors(root) ? nil : Self.first(of: ["state_dict", "model"], in: members, where: hasTensors))
    guard let chosen else { return try collectStateDict(root) }

    modelKey = chosen.name
    for member in members where member.name != chosen.name {
      attributes[member.name] = graph.value(of: member.value)
    }
    if graph.isModule(chosen.value) {
      try collectModule(chosen.value, path: "", enclosing: [])
    } else {
      try collectStateDict(chosen.value)
    }
  }

  private static func first(
    of names: [String], in members: [(name: String, value: PickleGraph.NodeID)],
    where isFit: (PickleGraph.NodeID) -> Bool
  ) -> (name: String, value: PickleGraph.NodeID)? {
    for name in names {
      if let member = members.first(where: { $0.name == name }), isFit(member.value) { return member }
    }
    return nil
  }

  private func hasTensors(_ id: PickleGraph.NodeID) -> Bool {
    guard case .dict = graph[id], let items = graph.items(of: id) else { return false }
    return stride(from: 1, to: items.count, by: 2).contains { graph.tensor(items[$0]) != nil }
  }

  /// Takes the tensors of a state dict as entries and the rest as attributes.
  private mutating func collectStateDict(_ id: PickleGraph.NodeID) throws(FormatFault) {
    for member in try graph.members(of: id) ?? [] {
      if let tensor = graph.tensor(member.value) {
        entries.append(WeightFile.Entry(name: member.name, tensor: tensor))
      } else {
        attributes[member.name] = graph.value(of: member.value)
      }
    }
  }

  /// The most modules and tensors that are listed, and the deepest nesting of modules.
  private static let listingLimit = 200_000
  private static let depthLimit = 100

  /// Lists a module, then its parameters, its persistent buffers and its submodules, as `state_dict()` does.
  private mutating func collectModule(
    _ id: PickleGraph.NodeID, path: String, enclosing: [PickleGraph.NodeID]
  ) throws(FormatFault) {
    guard !enclosing.contains(id) else { throw .malformed("its module “\(printable(path))” contains itself") }
    guard enclosing.count < Self.depthLimit else {
      throw .malformed("its modules are nested more than \(Self.depthLimit) deep")
    }
    guard let object = graph.object(id), let state = object.state, let members = try graph.members(of: state) else {
      return
    }
    let fields = Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
    let isPublic = members.filter { !$0.name.hasPrefix("_") }
    modules.append(
      WeightFile.Module(
        path: path, className: object.className,
        attributes: Dictionary(isPublic.map { ($0.name, graph.value(of: $0.value)) }) { first, _ in first }))

    try collectTensors(fields["_parameters"], path: path, except: [])
    let transient = fields["_non_persistent_buffers_set"].flatMap(graph.items) ?? []
    try collectTensors(fields["_buffers"], path: path, except: Set(transient.compactMap(graph.string)))

    for child in try fields["_modules"].flatMap(graph.members) ?? [] {
      if case .none = graph[child.value] { continue }
      let childPath = path.isEmpty ? child.name : "\(path).\(child.name)"
      guard graph.isModule(child.value) else {
        throw .malformed("its module “\(printable(childPath))” is no torch.nn.Module")
      }
      try collectModule(child.value, path: childPath, enclosing: enclosing + [id])
    }
  }

  private mutating func collectTensors(
    _ id: PickleGraph.NodeID?, path: String, except transient: Set<String>
  ) throws(FormatFault) {
    guard let id, let members = try graph.members(of: id) else { return }
    for member in members where !transient.contains(member.name) {
      if case .none = graph[member.value] { continue }
      let name = path.isEmpty ? member.name : "\(path).\(member.name)"
      guard let tensor = graph.tensor(member.value) else {
        throw .malformed("its parameter “\(printable(name))” is no tensor")
      }
      entries.append(WeightFile.Entry(name: name, tensor: tensor))
    }
    guard entries.count + modules.count <= Self.listingLimit else {
      throw .malformed("it holds more than \(Self.listingLimit) tensors and modules")
    }
  }
}
