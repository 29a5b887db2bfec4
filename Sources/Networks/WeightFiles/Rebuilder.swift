/// Imitates with nodes the few Python calls that checkpoints need. Any other call is refused by name.
struct Rebuilder {
  typealias NodeID = PickleGraph.NodeID

  /// The nodes built so far.
  var graph = PickleGraph()
  /// The range of the file's bytes that the storage with a given key takes.
  private let storageRange: (String) throws(FormatFault) -> Range<Int>?

  init(storageRange: @escaping (String) throws(FormatFault) -> Range<Int>?) {
    self.storageRange = storageRange
  }

  /// What a known Python callable builds.
  private enum Builder {
    /// `torch._utils._rebuild_tensor(storage, offset, size, stride, ...)` and its second version.
    case tensor
    /// The first argument: a parameter is its tensor, a size its tuple.
    case firstArgument
    /// `torch._tensor._rebuild_from_type_v2(function, type, arguments, state)`.
    case fromType
    case dict
    case set
    case path
    /// `copyreg._reconstructor(class, base, state)`.
    case reconstruction
    /// `getattr(owner, name)`: a method stored in an attribute, or a member of an enumeration.
    case attribute
    /// An object that only keeps its arguments.
    case inert
  }

  private static let builders: [String: Builder] = [
    "torch._utils._rebuild_tensor": .tensor,
    "torch._utils._rebuild_tensor_v2": .tensor,
    "torch._utils._rebuild_parameter": .firstArgument,
    "torch._utils._rebuild_parameter_with_state": .firstArgument,
    "torch._tensor._rebuild_from_type_v2": .fromType,
    "torch.Size": .firstArgument,
    "torch.device": .inert,
    "torch.serialization._get_layout": .inert,
    "collections.OrderedDict": .dict,
    "collections.defaultdict": .inert,
    "builtins.set": .set,
    "builtins.frozenset": .set,
    "builtins.complex": .inert,
    "builtins.getattr": .attribute,
    "builtins.range": .inert,
    "builtins.slice": .inert,
    "collections.Counter": .inert,
    "collections.deque": .inert,
    "copyreg._reconstructor": .reconstruction,
    "_codecs.encode": .inert,
    "numpy.dtype": .inert,
    "numpy.core.multiarray.scalar": .inert,
    "numpy._core.multiarray.scalar": .inert,
    "numpy.core.multiarray._reconstruct": .inert,
    "numpy._core.multiarray._reconstruct": .inert,
    "datetime.date": .inert,
    "datetime.datetime": .inert,
    "datetime.timedelta": .inert,
    "torchvision.transforms.functional.InterpolationMode": .inert,
    "types.SimpleNamespace": .inert,
    "pathlib.Path": .path,
    "pathlib.PosixPath": .path,
    "pathlib.WindowsPath": .path,
    "pathlib.PurePath": .path,
    "pathlib.PurePosixPath": .path,
    "pathlib.PureWindowsPath": .path,
    "pathlib._local.Path": .path,
    "pathlib._local.PosixPath": .path,
    "pathlib._local.WindowsPath": .path,
  ]

  private static let storageTypes: [String: DType] = [
    "torch.BoolStorage": .bool, "torch.ByteStorage": .uint8, "torch.CharStorage": .int8,
    "torch.ShortStorage": .int16, "torch.IntStorage": .int32, "torch.LongStorage": .int64,
    "torch.HalfStorage": .float16, "torch.BFloat16Storage": .bfloat16, "torch.FloatStorage": .float32,
    "torch.DoubleStorage": .float64, "torch.ComplexFloatStorage": .complex64,
  ]

  /// The node that calling `callable` with a tuple of arguments builds.
  mutating func call(_ callable: NodeID, arguments: NodeID) throws(FormatFault) -> NodeID {
    guard let name = graph.global(callable) else {
      if let method = attributeName(callable) { throw .refusedCallable(method) }
      throw .malformed("its pickle calls something that has no name")
    }
    guard let builder = Self.builders[name] else {
      if name == "torch._utils._rebuild_qtensor" {
        throw .unsupported("it has quantized tensors; save the network as it was before quantization")
      }
      throw .refusedCallable(name)
    }
    guard let items = graph.tuple(arguments) else {
      throw .malformed("its pickle calls \(name) with something other than a tuple of arguments")
    }
    switch builder {
    case .tensor: return try tensor(items)
    case .firstArgument:
      guard let first = items.first else { throw .malformed("its pickle calls \(name) without arguments") }
      return first
    case .fromType:
      guard items.count >= 3, let function = graph.global(items[0]), Self.builders[function] != .fromType else {
        throw .malformed("its pickle calls \(name) with arguments that do not fit")
      }
      return try call(items[0], arguments: items[2])
    case .dict: return try dictionary(items, name)
    case .set: return try graph.add(.set, items.first.flatMap(graph.items) ?? [])
    case .path: return try path(items, name)
    case .reconstruction:
      guard let type = items.first else { throw .malformed("its pickle calls \(name) without arguments") }
      return try instance(of: type, arguments: arguments)
    case .attribute:
      let object = PickleGraph.Object(className: name, arguments: items)
      // With a string, list or module as the owner it would be a step towards calling something.
      guard Self.attributeName(object, graph) != nil else { throw .refusedCallable(name) }
      return try graph.add(object)
    case .inert: return try graph.add(PickleGraph.Object(className: name, arguments: items))
    }
  }

  /// The name of the attribute of a `getattr` node, such as `models.common.Conv.forward_fuse`; nil for any other node.
  private func attributeName(_ id: NodeID) -> String? {
    graph.object(id).flatMap { Self.attributeName($0, graph) }
  }

  /// The name of the attribute if an object is `getattr` of an object or class with a plain name, else nil.
  private static func attributeName(_ object: PickleGraph.Object, _ graph: PickleGraph) -> String? {
    guard object.className == "builtins.getattr", object.arguments.count == 2,
      let name = graph.string(object.arguments[1]), !name.isEmpty, !name.contains("."), !name.hasPrefix("__"),
      let owner = graph.object(object.arguments[0])?.className ?? graph.global(object.arguments[0])
    else { return nil }
    return "\(owner).\(name)"
  }

  /// Makes an instance of any class, which only keeps its arguments.
  mutating func instance(of type: NodeID, arguments: NodeID) throws(FormatFault) -> NodeID {
    guard let name = graph.global(type), let items = graph.tuple(arguments) else {
      throw .malformed("its pickle makes an object of something that is not a class")
    }
    if name == "collections.OrderedDict" { return try graph.add(.dict, []) }
    return try graph.add(PickleGraph.Object(className: name, arguments: items))
  }

  /// Sets the state of an object. The state of a dictionary or tensor, such as the versions of a state dict, is
  /// ignored.
  mutating func build(_ target: NodeID, state: NodeID) throws(FormatFault) {
    switch graph[target] {
    case .dict, .tensor: return
    default:
      guard graph.setState(state, of: target) else {
        throw .malformed("its pickle sets the state of something that is not an object, or already has one")
      }
    }
  }

  /// The storage of the persistent id `('storage', type, key, location, count)`.
  mutating func storage(_ identifier: NodeID) throws(FormatFault) -> NodeID {
    guard let items = graph.tuple(identifier), items.count >= 5, graph.string(items[0]) == "storage",
      let type = graph.global(items[1]), let key = graph.string(items[2]), let count = graph.int(items[4]), count >= 0
    else { throw .malformed("its pickle refers to a storage in a form that PyTorch does not write") }
    guard let dtype = Self.storageTypes[type] else {
      throw .unsupported("its storage \(printable(key)) has the type \(printable(type)), which is not supported")
    }
    guard let range = try storageRange(key) else {
      throw .malformed("its pickle refers to the storage \(printable(key)), which the archive lacks")
    }
    guard count <= range.count / dtype.byteCount else {
      throw .malformed(
        "its storage \(printable(key)) should have \(count) \(dtype.rawValue) elements, but has \(range.count) bytes")
    }
    return try graph.add(PickleGraph.Storage(dtype: dtype, count: count, byteOffset: range.lowerBound))
  }

  private mutating func tensor(_ arguments: [NodeID]) throws(FormatFault) -> NodeID {
    guard arguments.count >= 4, case .storage(let index) = graph[arguments[0]],
      let offset = graph.int(arguments[1]), offset >= 0,
      let shape = ints(arguments[2]), let strides = ints(arguments[3])
    else { throw .malformed("its pickle rebuilds a tensor from arguments that do not fit") }
    let storage = graph.storages[index]
    // Checked before the multiplication by the element size, which could overflow.
    guard offset <= storage.count else {
      throw .malformed("a tensor starts at element \(offset) of a storage of \(storage.count)")
    }
    let byteOffset = storage.byteOffset + offset * storage.dtype.byteCount
    let tensor = try StoredTensor(dtype: storage.dtype, shape: shape, strides: strides, byteOffset: byteOffset)
    guard tensor.byteExtent <= (storage.count - offset) * storage.dtype.byteCount else {
      throw .malformed(
        "a tensor of shape \(shape) and strides \(strides) from element \(offset) on reaches beyond its storage of "
          + "\(storage.count) elements")
    }
    return try graph.add(tensor)
  }

  /// The integers of a tuple or list of at most 64.
  private func ints(_ id: NodeID) -> [Int]? {
    guard let items = graph.items(of: id), items.count <= 64 else { return nil }
    let values = items.compactMap(graph.int)
    return values.count == items.count ? values : nil
  }

  /// The dictionary of `OrderedDict()`, or of `OrderedDict` with a list of pairs, as Python 2 wrote it.
  private mutating func dictionary(_ arguments: [NodeID], _ name: String) throws(FormatFault) -> NodeID {
    guard let source = arguments.first else { return try graph.add(.dict, []) }
    var pairs: [NodeID] = []
    for pair in graph.items(of: source) ?? [] {
      guard let items = graph.items(of: pair), items.count == 2 else {
        throw .malformed("its pickle calls \(name) with something other than pairs")
      }
      pairs += items
    }
    return try graph.add(.dict, pairs)
  }

  private mutating func path(_ arguments: [NodeID], _ name: String) throws(FormatFault) -> NodeID {
    guard arguments.count <= 1024 else { throw .malformed("its pickle calls \(name) with \(arguments.count) parts") }
    var path = ""
    for part in arguments.compactMap(graph.string) {
      path += path.isEmpty || path.hasSuffix("/") ? part : "/" + part
      guard path.utf8.count <= 4096 else { throw .malformed("its pickle makes a path of over 4096 bytes") }
    }
    return try graph.addJoined(path, PickleGraph.Node.string)
  }
}
