/// Lists a pickled `torch.nn.Module` and its tensors as `state_dict()` does: for each module first its parameters, then
/// its persistent buffers, then its submodules.
///
/// A shared module is listed at each of its paths, so a small pickle could cause endless work. Therefore the work, the
/// depth and the length of names are limited.
struct ModuleWalk {
  typealias NodeID = PickleGraph.NodeID

  private(set) var modules: [WeightFile.Module] = []
  private(set) var entries: [WeightFile.Entry] = []
  private(set) var copier: ValueCopier

  private static let depthLimit = 100
  private static let nameLimit = 1000
  private static let workLimit = 2_000_000

  private let graph: PickleGraph
  private var enclosing: [NodeID] = []
  private var work = 0

  /// Makes a walk that copies attributes with `copier`.
  init(graph: PickleGraph, copier: ValueCopier) {
    self.graph = graph
    self.copier = copier
  }

  /// Lists a module and its content under `path`.
  mutating func visit(_ id: NodeID, path: String) throws(FormatFault) {
    guard !enclosing.contains(id) else { throw .malformed("its module “\(printable(path))” contains itself") }
    guard enclosing.count < Self.depthLimit else {
      throw .malformed("its modules are nested more than \(Self.depthLimit) deep")
    }
    // Counted here as well, since `isModule` visits the members, too.
    try count(graph.object(id)?.state)
    guard graph.isModule(id), let object = graph.object(id), let state = object.state else {
      throw .malformed("its module “\(printable(path))” is not a torch.nn.Module")
    }
    enclosing.append(id)
    defer { enclosing.removeLast() }

    var fields: [String: NodeID] = [:]
    var attributes: [String: PickleValue] = [:]
    for member in try members(of: state) {
      if member.name.hasPrefix("_") {
        fields[member.name] = member.value
      } else {
        attributes[member.name] = copier.value(of: member.value)
      }
    }
    modules.append(WeightFile.Module(path: path, className: object.className, attributes: attributes))

    let transient = fields["_non_persistent_buffers_set"].flatMap(graph.items) ?? []
    work += transient.count
    try visitTensors(fields["_parameters"], path: path, except: [])
    try visitTensors(fields["_buffers"], path: path, except: Set(transient.compactMap(graph.string)))
    for child in try members(of: fields["_modules"]) {
      if case .none = graph[child.value] { continue }
      try visit(child.value, path: try join(path, child.name))
    }
  }

  private mutating func visitTensors(
    _ id: NodeID?, path: String, except transient: Set<String>
  ) throws(FormatFault) {
    for member in try members(of: id) where !transient.contains(member.name) {
      if case .none = graph[member.value] { continue }
      let name = try join(path, member.name)
      guard let tensor = graph.tensor(member.value) else {
        throw .malformed("its parameter “\(printable(name))” is not a tensor")
      }
      entries.append(WeightFile.Entry(name: name, tensor: tensor))
    }
  }

  /// The members of a dictionary; none for any other node.
  private mutating func members(of id: NodeID?) throws(FormatFault) -> [(name: String, value: NodeID)] {
    try count(id)
    guard let id, let members = try graph.members(of: id) else { return [] }
    return members
  }

  /// Counts the work of visiting all members of a dictionary, whatever their keys.
  private mutating func count(_ id: NodeID?) throws(FormatFault) {
    work += 1 + (id.flatMap(graph.items)?.count ?? 0) / 2
    guard work <= Self.workLimit else { throw .malformed("its modules have more than \(Self.workLimit) members") }
  }

  private func join(_ path: String, _ name: String) throws(FormatFault) -> String {
    let joined = path.isEmpty ? name : "\(path).\(name)"
    guard joined.utf8.count <= Self.nameLimit else {
      throw .malformed("its module or tensor “\(printable(joined))” has a name of over \(Self.nameLimit) bytes")
    }
    return joined
  }
}
