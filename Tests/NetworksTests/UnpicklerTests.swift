import Testing

@testable import Networks

@Suite struct UnpicklerTests {
  private func load(_ opcodes: [UInt8]) throws -> PickleValue {
    try (opcodes + Pickle.stop).withUnsafeBytes { pickle in
      let (graph, root) = try Unpickler.load(pickle) { _ in nil }
      var copier = ValueCopier(graph: graph)
      return copier.value(of: root)
    }
  }

  private func fault(_ opcodes: [UInt8]) -> String {
    do { return "\(try load(opcodes))" } catch { return "\(error)" }
  }

  @Test(
    arguments: [
      ([0x4B, 255], .int(255)), ([0x4D, 0, 255], .int(65280)), ([0x4A, 255, 255, 255, 255], .int(-1)),
      ([0x8A, 0], .int(0)), ([0x8A, 1, 255], .int(-1)), ([0x8A, 2, 255, 0], .int(255)),
      ([0x8A, 8, 0, 0, 0, 0, 0, 0, 0, 128], .int(.min)),
      ([0x8A, 9, 0, 0, 0, 0, 0, 0, 0, 128, 0], .opaque("an integer of 9 bytes")),
      ([0x8B, 2, 0, 0, 0, 0, 1], .int(256)),
      ([0x47, 0xBF, 0xF8, 0, 0, 0, 0, 0, 0], .float(-1.5)),
      ([0x4E], .none), ([0x88], .bool(true)), ([0x89], .bool(false)),
      ([0x8C, 2, 0xC3, 0xA9], .string("é")), ([0x8D, 1, 0, 0, 0, 0, 0, 0, 0, 0x61], .string("a")),
      ([0x58, 0, 0, 0, 0], .string("")), ([0x55, 1, 0x61], .string("a")), ([0x55, 1, 0xFF], .bytes([255])),
      ([0x43, 1, 7], .bytes([7])), ([0x42, 1, 0, 0, 0, 7], .bytes([7])),
      ([0x8E, 1, 0, 0, 0, 0, 0, 0, 0, 7], .bytes([7])),
      ([0x4B, 1, 0x4B, 2, 0x86], .tuple([.int(1), .int(2)])), ([0x28, 0x4E, 0x6C], .list([.none])),
      ([0x28, 0x4E, 0x4E, 0x64], .dict([.init(key: .none, value: .none)])),
      ([0x8F, 0x28, 0x4E, 0x90], .set([.none])), ([0x28, 0x4E, 0x91], .set([.none])),
      ([0x4E, 0x28, 0x4E, 0x31], .none), ([0x4E, 0x32, 0x30], .none), ([0x4E, 0x28, 0x30], .none),
      ([0x95, 1, 0, 0, 0, 0, 0, 0, 0, 0x80, 5, 0x4E], .none),
      ([0x8C, 1, 0x6D, 0x8C, 1, 0x6E, 0x93], .global("m.n")),
      ([0x4B, 1, 0x94, 0x4B, 2, 0x94, 0x68, 0, 0x87], .tuple([.int(1), .int(2), .int(1)])),
    ] as [([UInt8], PickleValue)])
  func values(opcodes: [UInt8], expected: PickleValue) throws {
    #expect(try load(opcodes) == expected)
  }

  /// A few bytes a class, whose name is put together from two memoized texts.
  @Test func namesPutTogetherAreLimited() {
    func classes(_ count: Int, length: Int) -> [UInt8] {
      let name = Pickle.string(String(repeating: "m", count: length)) + Pickle.put(0)
      return name + (0..<count).flatMap { _ in [0x68, 0, 0x68, 0, 0x93, 0x30] as [UInt8] }
    }
    #expect(fault(classes(1, length: 1001)).contains("a name of over 1000 bytes"))
    #expect(!fault(classes(30_000, length: 1000)).contains("values"))
    #expect(fault(classes(32_000, length: 1000)).contains("more than 4000000 values"))
  }

  @Test(
    arguments: [
      ([], "more values taken"), ([0x30], "more values taken"), ([0x28, 0x85], "more values taken"),
      ([0x4E, 0x28, 0x61], "more values taken"), ([0x74], "an end without its mark"),
      ([0x68, 9], "the unknown memo 9"),
      ([0x28, 0x4E, 0x64], "a key without a value"), ([0x4E, 0x4E, 0x61], "appended to no list"),
      ([0x4E, 0x4E, 0x4E, 0x73], "set in no dictionary"), ([0x4E, 0x4E, 0x62], "not an object, or already has one"),
      ([0x4E, 0x4E, 0x93], "something other than two texts"), ([0x4E, 0x29, 0x81], "something that is not a class"),
      ([0x4E, 0x29, 0x52], "calls something that has no name"), ([0x4E, 0x51], "PyTorch does not write"),
      ([0x82, 1], "the opcode 130"), ([0x69], "the opcode 105"), ([0x80, 6], "the protocol 6"),
      ([0x58, 255, 255, 255, 255], "4294967295 bytes should follow"),
      ([0x8E, 255, 255, 255, 255, 255, 255, 255, 255], "impossible count"),
      ([0x8B, 255, 255, 255, 255], "4294967295 bytes should follow"), ([0x8C, 1, 0xFF], "not UTF-8"),
      ([0x63, 0x61], "inside a line"),
    ] as [([UInt8], String)])
  func faults(opcodes: [UInt8], sentence: String) {
    #expect(fault(opcodes).contains(sentence), "\(fault(opcodes))")
  }

  @Test func aReferenceIsChangedWithWhatItRefersTo() throws {
    let opcodes = Pickle.emptyList + Pickle.put(7) + Pickle.get(7) + Pickle.int(5) + Pickle.append + [0x86]
    #expect(try load(opcodes) == .tuple([.list([.int(5)]), .list([.int(5)])]))
  }

  @Test func cyclesEnd() throws {
    let opcodes = Pickle.emptyList + Pickle.put(0) + Pickle.get(0) + Pickle.append
    #expect(try load(opcodes) == .list([.opaque("a reference to an enclosing value")]))
  }

  @Test func doublingListsStayBounded() throws {
    // Each level holds the one before twice: 2^60 values from 600 bytes.
    var opcodes = Pickle.emptyTuple
    for _ in 0..<60 { opcodes += [0x32, 0x86] }
    #expect(try load(opcodes) == .opaque("beyond the first 300000 values"))
  }

  @Test func deepNestingEnds() {
    let opcodes = [UInt8](repeating: 0x5D, count: 200_000) + [UInt8](repeating: 0x61, count: 199_999)
    #expect(fault(opcodes).contains("nested more than 64 deep"))
  }

  @Test func valuesAreLimited() {
    #expect(fault([UInt8](repeating: 0x5D, count: 4_000_001)).contains("more than 4000000 values"))
    // A set of 100,000 elements, copied over and over.
    let set = Pickle.global("builtins", "set") + Pickle.put(0) + Pickle.mark + [UInt8](repeating: 0x4E, count: 100_000)
    let copies = (0..<100).flatMap { _ in Pickle.get(0) + Pickle.get(1) + Pickle.reduce }
    #expect(fault(set + [0x6C, 0x85] + Pickle.put(1) + copies).contains("more than 4000000 values"))
  }

  @Test func aMemoOfHugeKeysIsSmall() throws {
    let puts = (0..<1000).flatMap { Pickle.put(.max - $0) }
    #expect(try load(Pickle.none + puts + Pickle.get(.max - 999) + [0x86]) == .tuple([.none, .none]))
  }
}
