/// The values of a pickle as nodes that refer to each other by index. So shared and cyclic references are safe, a node
/// can be changed after it was referred to, and nothing is recursive.
struct PickleGraph {
  /// The index of a node.
  typealias NodeID = Int32

  /// A value of the pickle. A list, tuple, set or dictionary has the index of a sequence, which `items(of:)` returns.
  enum Node {
    case none
    case bool(Bool)
    case int(Int)
    /// An integer of more than 64 bits, of which only the size in bytes is kept.
    case wideInteger(byteCount: Int)
    case float(Double)
    case string(String)
    case bytes([UInt8])
    case list(Int)
    case tuple(Int)
    case set(Int)
    /// Alternating keys and values.
    case dict(Int)
    /// A class or a function, as `module.name`.
    case global(String)
    /// An index into `objects`.
    case object(Int)
    /// An index into `storages`.
    case storage(Int)
    /// An index into `tensors`.
    case tensor(Int)
  }

  /// The kinds of nodes that contain other nodes.
  enum Kind { case list, tuple, set, dict }

  /// An instance of a class: the values from which Python would make it.
  struct Object {
    var className: String
    var arguments: [NodeID]
    var state: NodeID?
    /// The elements appended to an object like a list or set.
    var elements: [NodeID] = []
    /// The alternating keys and values of an object like a dictionary.
    var pairs: [NodeID] = []
  }

  /// A range of the file's bytes with an element type, which tensors refer to.
  struct Storage {
    var dtype: DType
    var count: Int
    var byteOffset: Int
  }

  /// The largest number of nodes and links in a pickle, where 16 bytes of a joined string count as one. A model of a
  /// thousand layers has fewer than a million.
  static let limit = 4_000_000

  private var nodes: [Node] = []
  private var sequences: [[NodeID]] = []
  private(set) var objects: [Object] = []
  private(set) var storages: [Storage] = []
  private(set) var tensors: [StoredTensor] = []
  private var cost = 0

  subscript(id: NodeID) -> Node { nodes[Int(id)] }

  /// Adds a leaf. Like all methods that add nodes, it throws at the limit.
  mutating func add(_ node: Node) throws(FormatFault) -> NodeID {
    try charge(1)
    nodes.append(node)
    return NodeID(nodes.count - 1)
  }

  /// Adds a string joined from others, for which a pickle needs only a few bytes.
  mutating func addJoined(_ text: String, _ node: (String) -> Node) throws(FormatFault) -> NodeID {
    try charge(text.utf8.count / 16)
    return try add(node(text))
  }

  /// Adds a list, tuple, set or dictionary (alternating keys and values).
  mutating func add(_ kind: Kind, _ items: [NodeID]) throws(FormatFault) -> NodeID {
    try charge(items.count)
    let index = sequences.count
    sequences.append(items)
    switch kind {
    case .list: return try add(.list(index))
    case .tuple: return try add(.tuple(index))
    case .set: return try add(.set(index))
    case .dict: return try add(.dict(index))
    }
  }

  /// Adds an object.
  mutating func add(_ object: Object) throws(FormatFault) -> NodeID {
    objects.append(object)
    return try add(.object(objects.count - 1))
  }

  /// Adds a storage.
  mutating func add(_ storage: Storage) throws(FormatFault) -> NodeID {
    storages.append(storage)
    return try add(.storage(storages.count - 1))
  }

  /// Adds a tensor.
  mutating func add(_ tensor: StoredTensor) throws(FormatFault) -> NodeID {
    try charge(2 * tensor.shape.count)
    tensors.append(tensor)
    return try add(.tensor(tensors.count - 1))
  }

  /// Appends to a list, a set or an object like one; returns false for any other node.
  mutating func append(_ items: ArraySlice<NodeID>, to id: NodeID) throws(FormatFault) -> Bool {
    try charge(items.count)
    switch self[id] {
    case .list(let index), .set(let index): sequences[index] += items
    case .object(let index): objects[index].elements += items
    default: return false
    }
    return true
  }

  /// Sets members, alternating keys and values, of a dictionary or an object like one; returns false for any other
  /// node.
  mutating func set(_ pairs: ArraySlice<NodeID>, in id: NodeID) throws(FormatFault) -> Bool {
    try charge(pairs.count)
    switch self[id] {
    case .dict(let index): sequences[index] += pairs
    case .object(let index): objects[index].pairs += pairs
    default: return false
    }
    return true
  }

  /// Sets the state of an object; returns false if `id` is not an object or already has a state.
  mutating func setState(_ state: NodeID, of id: NodeID) -> Bool {
    guard case .object(let index) = self[id], objects[index].state == nil else { return false }
    objects[index].state = state
    return true
  }

  /// The nodes in a list, tuple, set or dictionary (alternating keys and values), or nil for any other node.
  func items(of id: NodeID) -> [NodeID]? {
    switch self[id] {
    case .list(let index), .tuple(let index), .set(let index), .dict(let index): sequences[index]
    default: nil
    }
  }

  /// The nodes in a tuple, or nil for any other node.
  func tuple(_ id: NodeID) -> [NodeID]? {
    if case .tuple(let index) = self[id] { return sequences[index] }
    return nil
  }

  /// The members of a dictionary whose keys are strings, or nil if `id` is not a dictionary. Throws if a key occurs
  /// twice, which no pickler writes.
  func members(of id: NodeID) throws(FormatFault) -> [(name: String, value: NodeID)]? {
    guard case .dict(let index) = self[id] else { return nil }
    let items = sequences[index]
    var names: Set<String> = []
    var members: [(name: String, value: NodeID)] = []
    for key in stride(from: 0, to: items.count - 1, by: 2) {
      guard let name = string(items[key]) else { continue }
      guard names.insert(name).inserted else {
        throw .malformed("its pickle sets “\(printable(name))” twice in one dictionary")
      }
      members.append((name, items[key + 1]))
    }
    return members
  }

  /// The value of a string node.
  func string(_ id: NodeID) -> String? {
    if case .string(let text) = self[id] { return text }
    return nil
  }

  /// The value of an integer node.
  func int(_ id: NodeID) -> Int? {
    if case .int(let value) = self[id] { return value }
    return nil
  }

  /// The name of a class or function.
  func global(_ id: NodeID) -> String? {
    if case .global(let name) = self[id] { return name }
    return nil
  }

  /// The tensor of a tensor node.
  func tensor(_ id: NodeID) -> StoredTensor? {
    if case .tensor(let index) = self[id] { return tensors[index] }
    return nil
  }

  /// The object of an object node.
  func object(_ id: NodeID) -> Object? {
    if case .object(let index) = self[id] { return objects[index] }
    return nil
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

  /// Counts `links` references against the limit.
  private mutating func charge(_ links: Int) throws(FormatFault) {
    cost += links
    guard cost <= Self.limit else { throw .malformed("its pickle builds more than \(Self.limit) values") }
  }
}
