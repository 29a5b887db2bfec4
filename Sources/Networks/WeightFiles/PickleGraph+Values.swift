extension PickleGraph {
  /// The value of a node and of all that it refers to, layers left out. Never fails: what is too deep, too much or
  /// cyclic becomes `opaque`.
  func value(of id: NodeID) -> PickleValue {
    var copier = ValueCopier(graph: self)
    return copier.value(of: id)
  }

  /// Whether a node is a `torch.nn.Module`: an object whose state has parameters and submodules.
  func isModule(_ id: NodeID) -> Bool {
    guard let state = object(id)?.state, case .dict = self[state], let items = items(of: state) else { return false }
    var found = 0
    for key in stride(from: 0, to: items.count, by: 2) {
      if let name = string(items[key]), name == "_parameters" || name == "_modules" { found += 1 }
    }
    return found >= 2
  }
}

/// Copies nodes to values, a tree at a time. A shared node is copied wherever it occurs, so the sum is limited.
private struct ValueCopier {
  let graph: PickleGraph
  private var budget = 100_000
  private var enclosing: [PickleGraph.NodeID] = []

  init(graph: PickleGraph) {
    self.graph = graph
  }

  mutating func value(of id: PickleGraph.NodeID) -> PickleValue {
    guard budget > 0 else { return .opaque("more than 100000 values") }
    budget -= 1
    switch graph[id] {
    case .none: return .none
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .wideInteger(let byteCount): return .opaque("an integer of \(byteCount) bytes")
    case .float(let value): return .float(value)
    case .string(let text): return .string(text)
    case .bytes(let bytes): return .bytes(bytes)
    case .global(let name): return .global(name)
    case .tensor(let index): return .tensor(graph.tensors[index])
    case .storage: return .opaque("a storage")
    case .list, .tuple, .set, .dict, .object: break
    }
    guard enclosing.count < 64 else { return .opaque("nested more than 64 deep") }
    guard !enclosing.contains(id) else { return .opaque("a reference to an enclosing value") }
    enclosing.append(id)
    defer { enclosing.removeLast() }
    let items = graph.items(of: id) ?? []
    switch graph[id] {
    case .list: return .list(values(of: items))
    case .tuple: return .tuple(values(of: items))
    case .set: return .set(values(of: items))
    case .dict: return .dict(members(of: items))
    default: return object(id)
    }
  }

  private mutating func values(of ids: [PickleGraph.NodeID]) -> [PickleValue] {
    var values: [PickleValue] = []
    for id in ids {
      values.append(value(of: id))
      if budget == 0 { break }
    }
    return values
  }

  private mutating func members(of ids: [PickleGraph.NodeID]) -> [PickleValue.Member] {
    var members: [PickleValue.Member] = []
    for index in stride(from: 0, to: ids.count - 1, by: 2) where budget > 0 {
      let key = value(of: ids[index])
      members.append(PickleValue.Member(key: key, value: value(of: ids[index + 1])))
    }
    return members
  }

  private mutating func object(_ id: PickleGraph.NodeID) -> PickleValue {
    guard let object = graph.object(id) else { return .opaque("an object") }
    if graph.isModule(id) { return .opaque("a layer, \(object.className)") }
    let arguments = values(of: object.arguments)
    let state = object.state.map { value(of: $0) } ?? .none
    let elements = values(of: object.elements)
    return .object(
      PickleValue.Object(
        className: object.className, arguments: arguments, state: state, elements: elements,
        members: members(of: object.pairs)))
  }
}
