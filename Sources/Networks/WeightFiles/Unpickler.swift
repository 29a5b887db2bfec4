/// Reads a pickle of protocols 2 to 5 to a graph of nodes.
///
/// Names in the pickle remain strings: nothing is imported, looked up or called. Where Python would call a function,
/// `Rebuilder` builds the known results from nodes, and refuses the file otherwise.
struct Unpickler {
  typealias NodeID = PickleGraph.NodeID

  private var input: ByteReader
  private var rebuilder: Rebuilder
  private var stack: [NodeID] = []
  /// The height of the stack at each open mark.
  private var marks: [Int] = []
  private var memo: [Int: NodeID] = [:]
  /// The largest length of a module's or a class's name, in bytes.
  private static let globalLimit = 1000

  private init(_ pickle: UnsafeRawBufferPointer, storage: @escaping (String) throws(FormatFault) -> Range<Int>?) {
    input = ByteReader(pickle, subject: "its pickle")
    rebuilder = Rebuilder(storageRange: storage)
  }

  /// Reads one pickle to its end. `storage` returns the range of the file's bytes that the storage with a given key
  /// takes.
  static func load(
    _ pickle: UnsafeRawBufferPointer, storage: @escaping (String) throws(FormatFault) -> Range<Int>?
  ) throws(FormatFault) -> (graph: PickleGraph, root: NodeID) {
    var unpickler = Unpickler(pickle, storage: storage)
    while try unpickler.step() {}
    return (unpickler.rebuilder.graph, try unpickler.pop())
  }

  /// Executes one opcode; returns false after the last one.
  private mutating func step() throws(FormatFault) -> Bool {
    let code = try input.integer(UInt8.self)
    guard let opcode = Opcode(rawValue: code) else {
      throw .unsupported(
        "its pickle has the opcode \(code) at byte \(input.position - 1), which PyTorch does not write")
    }
    switch opcode {
    case .stop: return false
    case .proto:
      let version = try input.integer(UInt8.self)
      guard version <= 5 else {
        throw .unsupported("its pickle has the protocol \(version); only 2 to 5 are supported")
      }
    case .frame: _ = try input.take(8)

    case .mark: marks.append(stack.count)
    case .pop:
      if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
    case .popMark: _ = try popToMark()
    case .dup: stack.append(try top())

    case .none: try push(.none)
    case .newTrue: try push(.bool(true))
    case .newFalse: try push(.bool(false))
    case .binInt: try push(.int(Int(try input.integer(Int32.self))))
    case .binInt1: try push(.int(Int(try input.integer(UInt8.self))))
    case .binInt2: try push(.int(Int(try input.integer(UInt16.self))))
    case .long1: try pushLong(Int(try input.integer(UInt8.self)))
    case .long4: try pushLong(try input.count(UInt32.self))
    case .binFloat:
      let bits = try input.integer(UInt64.self).byteSwapped
      try push(.float(Double(bitPattern: bits)))

    case .shortBinUnicode: try push(.string(try input.text(Int(try input.integer(UInt8.self)))))
    case .binUnicode: try push(.string(try input.text(try input.count(UInt32.self))))
    case .binUnicode8: try push(.string(try input.text(try input.count(UInt64.self))))
    case .shortBinString: try pushPython2String(Int(try input.integer(UInt8.self)))
    case .binString: try pushPython2String(try input.count(UInt32.self))
    case .shortBinBytes: try push(.bytes(Array(try input.take(Int(try input.integer(UInt8.self))))))
    case .binBytes: try push(.bytes(Array(try input.take(try input.count(UInt32.self)))))
    case .binBytes8, .byteArray8: try push(.bytes(Array(try input.take(try input.count(UInt64.self)))))

    case .emptyList: try push(.list, [])
    case .emptyTuple: try push(.tuple, [])
    case .emptySet: try push(.set, [])
    case .emptyDict: try push(.dict, [])
    case .tuple1: try push(.tuple, try pop(1))
    case .tuple2: try push(.tuple, try pop(2))
    case .tuple3: try push(.tuple, try pop(3))
    case .tuple: try push(.tuple, try popToMark())
    case .list: try push(.list, try popToMark())
    case .frozenSet: try push(.set, try popToMark())
    case .dict:
      let items = try popToMark()
      try requirePairs(items.count)
      try push(.dict, items)

    case .append: try append(try pop(1))
    case .appends, .addItems: try append(try popToMark())
    case .setItem: try set(try pop(2))
    case .setItems:
      let items = try popToMark()
      try requirePairs(items.count)
      try set(items)

    case .binGet: try get(Int(try input.integer(UInt8.self)))
    case .longBinGet: try get(try input.count(UInt32.self))
    case .binPut: memo[Int(try input.integer(UInt8.self))] = try top()
    case .longBinPut: memo[try input.count(UInt32.self)] = try top()
    case .memoize: memo[memo.count] = try top()

    case .global:
      let module = try input.textLine()
      try pushGlobal(module, try input.textLine())
    case .stackGlobal:
      let names = try pop(2)
      guard let module = rebuilder.graph.string(names[0]), let name = rebuilder.graph.string(names[1]) else {
        throw fault("a class named by something other than two texts")
      }
      try pushGlobal(module, name)
    case .binPersistentID: stack.append(try rebuilder.storage(try pop()))
    case .newObject:
      let parts = try pop(2)
      stack.append(try rebuilder.instance(of: parts[0], arguments: parts[1]))
    case .newObjectWithKeywords:
      let parts = try pop(3)
      stack.append(try rebuilder.instance(of: parts[0], arguments: parts[1]))
    case .reduce:
      let parts = try pop(2)
      stack.append(try rebuilder.call(parts[0], arguments: parts[1]))
    case .build:
      let state = try pop()
      try rebuilder.build(try top(), state: state)
    }
    return true
  }

  private func top() throws(FormatFault) -> NodeID {
    guard let id = stack.last, stack.count > marks.last ?? 0 else { throw fault("more values taken than were made") }
    return id
  }

  private mutating func pop() throws(FormatFault) -> NodeID {
    let id = try top()
    stack.removeLast()
    return id
  }

  private mutating func pop(_ count: Int) throws(FormatFault) -> [NodeID] {
    guard stack.count - (marks.last ?? 0) >= count else { throw fault("more values taken than were made") }
    let ids = Array(stack.suffix(count))
    stack.removeLast(count)
    return ids
  }

  private mutating func popToMark() throws(FormatFault) -> [NodeID] {
    guard let mark = marks.popLast(), mark <= stack.count else { throw fault("an end without its mark") }
    let ids = Array(stack[mark...])
    stack.removeLast(ids.count)
    return ids
  }

  private mutating func push(_ node: PickleGraph.Node) throws(FormatFault) {
    stack.append(try rebuilder.graph.add(node))
  }

  private mutating func push(_ kind: PickleGraph.Kind, _ items: [NodeID]) throws(FormatFault) {
    stack.append(try rebuilder.graph.add(kind, items))
  }

  /// Pushes a class or function, with its name in Python 3.
  private mutating func pushGlobal(_ module: String, _ name: String) throws(FormatFault) {
    let module = ["__builtin__": "builtins", "copy_reg": "copyreg"][module] ?? module
    guard module.utf8.count <= Self.globalLimit, name.utf8.count <= Self.globalLimit else {
      throw fault("a class with a name of over \(Self.globalLimit) bytes")
    }
    stack.append(try rebuilder.graph.addJoined("\(module).\(name)", PickleGraph.Node.global))
  }

  /// Reads a string of Python 2, which may be text or bytes.
  private mutating func pushPython2String(_ byteCount: Int) throws(FormatFault) {
    let bytes = try input.take(byteCount)
    try push(String(validating: bytes, as: UTF8.self).map(PickleGraph.Node.string) ?? .bytes(Array(bytes)))
  }

  /// Reads a two's-complement integer of `byteCount` bytes.
  private mutating func pushLong(_ byteCount: Int) throws(FormatFault) {
    let bytes = try input.take(byteCount)
    guard bytes.count <= MemoryLayout<Int>.size else { return try push(.wideInteger(byteCount: bytes.count)) }
    let magnitude = bytes.reversed().reduce(Int(0)) { $0 << 8 | Int($1) }
    let unused = Int.bitWidth - bytes.count * 8
    try push(.int(bytes.isEmpty ? 0 : (magnitude << unused) >> unused))
  }

  private mutating func get(_ key: Int) throws(FormatFault) {
    guard let id = memo[key] else { throw fault("the unknown memo \(key)") }
    stack.append(id)
  }

  private mutating func append(_ items: [NodeID]) throws(FormatFault) {
    guard try rebuilder.graph.append(items[...], to: try top()) else { throw fault("something appended to no list") }
  }

  private mutating func set(_ pairs: [NodeID]) throws(FormatFault) {
    guard try rebuilder.graph.set(pairs[...], in: try top()) else { throw fault("a member set in no dictionary") }
  }

  private func requirePairs(_ count: Int) throws(FormatFault) {
    guard count.isMultiple(of: 2) else { throw fault("a key without a value") }
  }

  private func fault(_ detail: String) -> FormatFault {
    .malformed("its pickle has \(detail), before byte \(input.position)")
  }
}

/// The opcodes that Python's pickler writes in protocols 2 to 5, except extensions and out-of-band buffers.
private enum Opcode: UInt8 {
  case mark = 0x28
  case emptyTuple = 0x29
  case stop = 0x2E
  case pop = 0x30
  case popMark = 0x31
  case dup = 0x32
  case binBytes = 0x42
  case shortBinBytes = 0x43
  case binFloat = 0x47
  case binInt = 0x4A
  case binInt1 = 0x4B
  case binInt2 = 0x4D
  case none = 0x4E
  case binPersistentID = 0x51
  case reduce = 0x52
  case binString = 0x54
  case shortBinString = 0x55
  case binUnicode = 0x58
  case emptyList = 0x5D
  case append = 0x61
  case build = 0x62
  case global = 0x63
  case dict = 0x64
  case appends = 0x65
  case binGet = 0x68
  case longBinGet = 0x6A
  case list = 0x6C
  case binPut = 0x71
  case longBinPut = 0x72
  case setItem = 0x73
  case tuple = 0x74
  case setItems = 0x75
  case emptyDict = 0x7D
  case proto = 0x80
  case newObject = 0x81
  case tuple1 = 0x85
  case tuple2 = 0x86
  case tuple3 = 0x87
  case newTrue = 0x88
  case newFalse = 0x89
  case long1 = 0x8A
  case long4 = 0x8B
  case shortBinUnicode = 0x8C
  case binUnicode8 = 0x8D
  case binBytes8 = 0x8E
  case emptySet = 0x8F
  case addItems = 0x90
  case frozenSet = 0x91
  case newObjectWithKeywords = 0x92
  case stackGlobal = 0x93
  case memoize = 0x94
  case frame = 0x95
  case byteArray8 = 0x96
}
