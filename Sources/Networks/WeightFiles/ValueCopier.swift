/// Copies nodes to values, without layers.
///
/// A shared node is copied at each of its occurrences, so the number of copies is limited. Copying never fails: nodes
/// that are too deep, too many or cyclic become `opaque`.
struct ValueCopier {
  private static let limit = 300_000

  private let graph: PickleGraph
  private var budget = Self.limit
  private var enclosing: [PickleGraph.NodeID] = []
  /// Cached results of `PickleGraph.isModule`, which is slow for an object with many members.
  private var isModule: [PickleGraph.NodeID: Bool] = [:]

  init(graph: PickleGraph) {
    self.graph = graph
  }

  /// The value of a node, with all nodes that it refers to.
  mutating func value(of id: PickleGraph.NodeID) -> PickleValue {
    guard budget > 0 else { return Self.beyondLimit }
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
    let copy: PickleValue =
      switch graph[id] {
      case .list: .list(values(of: items))
      case .tuple: .tuple(values(of: items))
      case .set: .set(values(of: items))
      case .dict: .dict(members(of: items))
      default: object(id)
      }
    return budget > 0 ? copy : Self.beyondLimit
  }

  private static let beyondLimit = PickleValue.opaque("beyond the first \(limit) values")

  private mutating func values(of ids: [PickleGraph.NodeID]) -> [PickleValue] {
    var values: [PickleValue] = []
    for id in ids where budget > 0 { values.append(value(of: id)) }
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
    let isLayer = isModule[id] ?? graph.isModule(id)
    isModule[id] = isLayer
    if isLayer { return .opaque("a layer, \(object.className)") }
    let arguments = values(of: object.arguments)
    let state = object.state.map { value(of: $0) } ?? .none
    let elements = values(of: object.elements)
    return .object(
      PickleValue.Object(
        className: object.className, arguments: arguments, state: state, elements: elements,
        members: members(of: object.pairs)))
  }
}
