import Testing

@testable import Networks

@Suite struct RebuilderTests {
  private func load(_ opcodes: [UInt8]) throws -> PickleValue {
    try (opcodes + Pickle.stop).withUnsafeBytes { pickle in
      let (graph, root) = try Unpickler.load(pickle) { $0 == "0" ? 100..<124 : nil }
      var copier = ValueCopier(graph: graph)
      return copier.value(of: root)
    }
  }

  private func fault(_ opcodes: [UInt8]) -> String {
    do { return "\(try load(opcodes))" } catch { return "\(error)" }
  }

  private func call(_ module: String, _ name: String, _ arguments: [[UInt8]] = []) -> [UInt8] {
    Pickle.global(module, name) + Pickle.tuple(arguments) + Pickle.reduce
  }

  @Test(arguments: [
    ("posix", "system"), ("os", "system"), ("nt", "system"), ("__builtin__", "eval"), ("builtins", "exec"),
    ("builtins", "getattr"), ("subprocess", "Popen"), ("torch.storage", "_load_from_bytes"), ("functools", "partial"),
    ("torch._utils", "_rebuild_tensor_v2 "), ("collections", "OrderedDict.fromkeys"), ("", ""),
  ])
  func otherCallsAreRefusedByName(module: String, name: String) {
    let python3 = module == "__builtin__" ? "builtins" : module
    do {
      _ = try load(call(module, name, [Pickle.string("true")]))
      Issue.record("\(module).\(name) was accepted")
    } catch {
      #expect(error as? FormatFault == .refusedCallable("\(python3).\(name)"))
    }
  }

  @Test func aFunctionThatIsNotCalledIsOnlyAName() throws {
    #expect(try load(Pickle.global("posix", "system")) == .global("posix.system"))
  }

  @Test func plainValues() throws {
    #expect(try load(call("collections", "OrderedDict")) == .dict([]))
    let pair = Pickle.emptyList + Pickle.string("k") + Pickle.append + Pickle.int(1) + Pickle.append
    #expect(
      try load(call("collections", "OrderedDict", [Pickle.emptyList + pair + Pickle.append]))
        == .dict([.init(key: .string("k"), value: .int(1))]))
    #expect(try load(call("__builtin__", "set", [Pickle.emptyList + Pickle.int(1) + Pickle.append])) == .set([.int(1)]))
    #expect(try load(call("torch", "Size", [Pickle.tuple([Pickle.int(3)])])) == .tuple([.int(3)]))
    #expect(
      try load(call("pathlib", "PosixPath", ["/", "a", "b.pt"].map(Pickle.string))) == .string("/a/b.pt"))
    guard case .object(let device) = try load(call("torch", "device", [Pickle.string("cpu")])) else {
      Issue.record("torch.device is no object")
      return
    }
    #expect(device.className == "torch.device")
    #expect(device.arguments == [.string("cpu")])
  }

  /// What torch pickles of a method in an attribute, as of a fused convolution's `forward`, and of an enumeration.
  @Test func attributesOfObjectsAndClassesStayNames() throws {
    let object = Pickle.global("models.common", "Conv") + Pickle.emptyTuple + Pickle.newObject
    for (owner, name) in [
      (object, "forward_fuse"), (Pickle.global("models.yolo", "Detect"), "forward"),
      (Pickle.global("torchvision.transforms.functional", "InterpolationMode"), "BILINEAR"),
    ] {
      guard case .object(let value) = try load(Pickle.attribute(name, of: owner)) else {
        Issue.record("\(name) is no object")
        return
      }
      #expect(value.className == "builtins.getattr")
      #expect(value.arguments.last == .string(name))
    }
    let mode = call("torchvision.transforms.functional", "InterpolationMode", [Pickle.string("bilinear")])
    guard case .object(let value) = try load(mode) else {
      Issue.record("an interpolation mode is no object")
      return
    }
    #expect(value.arguments == [.string("bilinear")])
  }

  @Test func whatGetattrGivesIsNeverCalled() throws {
    let system = Pickle.attribute("system", of: Pickle.global("posix", "path"))
    #expect(
      fault(system + Pickle.tuple([Pickle.string("true")]) + Pickle.reduce) == "refusedCallable(\"posix.path.system\")")
    let object = Pickle.global("m", "C") + Pickle.emptyTuple + Pickle.newObject
    #expect(
      fault(Pickle.attribute("run", of: object) + Pickle.emptyTuple + Pickle.reduce) == "refusedCallable(\"m.C.run\")")
    for (name, owner) in [
      ("upper", Pickle.string("text")), ("", object), ("a.b", object), ("__class__", object), ("f", Pickle.none),
      ("append", Pickle.emptyList), ("numpy", Pickle.tensor()),
    ] {
      #expect(fault(Pickle.attribute(name, of: owner)) == "refusedCallable(\"builtins.getattr\")", "\(name)")
    }
    let three = [object, Pickle.string("a"), Pickle.none]
    #expect(fault(call("builtins", "getattr", three)) == "refusedCallable(\"builtins.getattr\")")
  }

  @Test func quantizedTensorsAreNamed() {
    #expect(fault(call("torch._utils", "_rebuild_qtensor")).contains("it has quantized tensors"))
  }

  /// A learning rate's schedule, as torchvision's own training leaves it.
  @Test func countersAreKept() throws {
    let counts = Pickle.emptyDict + Pickle.int(16) + Pickle.int(1) + Pickle.setItem
    guard case .object(let counter) = try load(call("collections", "Counter", [counts])) else {
      Issue.record("a counter is no object")
      return
    }
    #expect(counter.arguments == [.dict([.init(key: .int(16), value: .int(1))])])
  }

  @Test func objectsKeepWhatTheyWereMadeFrom() throws {
    let object =
      Pickle.global("easy", "Dict") + Pickle.emptyTuple + Pickle.newObject + Pickle.string("k") + Pickle.int(1)
      + Pickle.setItem + Pickle.int(9) + Pickle.append + Pickle.dict([("s", Pickle.none)]) + Pickle.build
    guard case .object(let value) = try load(object) else {
      Issue.record("no object")
      return
    }
    #expect(value.className == "easy.Dict")
    #expect(value.state["s"] == PickleValue.none)
    #expect(value.elements == [.int(9)])
    #expect(value.members == [.init(key: .string("k"), value: .int(1))])
  }

  @Test func tensorsWithinTheirStorage() throws {
    let tensor = try load(Pickle.tensor(offset: 1, shape: [1, 2], strides: [5, 2])).tensor
    #expect(tensor?.shape == [1, 2])
    #expect(tensor?.byteOffset == 104)
    let parameter = call("torch._utils", "_rebuild_parameter", [Pickle.tensor(), Pickle.none, Pickle.none])
    #expect(try load(parameter).tensor?.shape == [2, 3])
    let subclass = call(
      "torch._tensor", "_rebuild_from_type_v2",
      [
        Pickle.global("torch._utils", "_rebuild_parameter"), Pickle.global("m", "Parameter"),
        Pickle.tuple([Pickle.tensor(), Pickle.none, Pickle.none]), Pickle.none,
      ])
    #expect(try load(subclass).tensor?.shape == [2, 3])
  }

  /// As `Detect.anchor_grid` is after an inference in single precision.
  @Test func strideZeroRepeatsElements() throws {
    let grid = try load(Pickle.tensor(shape: [1, 3, 80, 80, 2], strides: [6, 2, 0, 0, 1])).tensor
    #expect(grid?.count == 38_400)
    #expect(grid?.byteExtent == 24)
    #expect(try load(Pickle.tensor(shape: [1 << 40, 1], strides: [0, 0])).tensor?.count == 1 << 40)
  }

  @Test func nestedRebuildsDoNotRecurse() {
    let own = Pickle.global("torch._tensor", "_rebuild_from_type_v2")
    #expect(
      fault(own + Pickle.tuple([own, Pickle.none, Pickle.emptyTuple]) + Pickle.reduce).contains("do not fit"))
  }

  @Test(arguments: [
    (Pickle.tensor(offset: 1), "reaches beyond its storage"),
    (Pickle.tensor(offset: 7, shape: [], strides: []), "starts at element 7 of a storage of 6"),
    (Pickle.tensor(offset: .max), "starts at element"),
    (Pickle.tensor(offset: -1), "do not fit"),
    (Pickle.tensor(strides: [4, 1]), "reaches beyond its storage"),
    (Pickle.tensor(strides: [-3, 1]), "is impossible"),
    (Pickle.tensor(strides: [.max, 1]), "is impossible"),
    (Pickle.tensor(strides: [1]), "is impossible"),
    (Pickle.tensor(shape: [-2, -3]), "is impossible"),
    (Pickle.tensor(shape: [1 << 40, 7], strides: [0, 1]), "reaches beyond its storage"),
    (Pickle.tensor(shape: [1 << 61], strides: [0]), "is impossible"),
    (Pickle.tensor(shape: [.max, .max]), "is impossible"),
    (Pickle.tensor(shape: .init(repeating: 1, count: 65), strides: .init(repeating: 1, count: 65)), "do not fit"),
    (Pickle.tensor(count: 7), "should have 7 F32 elements, but has 24 bytes"),
    (Pickle.tensor(count: .max), "should have"),
    (Pickle.tensor(count: -1), "PyTorch does not write"),
    (Pickle.tensor(type: "QInt8Storage"), "has the type torch.QInt8Storage"),
    (Pickle.storage(key: "../0", count: Pickle.int(1)), "the storage ../0, which the archive lacks"),
  ])
  func tensorsBeyondTheirStorageAreRefused(opcodes: [UInt8], sentence: String) {
    #expect(fault(opcodes).contains(sentence), "\(fault(opcodes))")
  }
}
