import TestSupport
import Testing

@testable import Networks

@Suite struct ModuleWalkTests {
  @Test func namesFollowTheTree() throws {
    let leaf = Pickle.global("models", "Leaf") + Pickle.emptyTuple + Pickle.newObject
    let state: [(String, [UInt8])] = [
      ("training", [0x89]), ("_parameters", Pickle.dict([("w", Pickle.tensor()), ("b", Pickle.none)])),
      ("_buffers", Pickle.dict([("kept", Pickle.tensor()), ("dropped", Pickle.tensor())])),
      ("_non_persistent_buffers_set", [0x8F] + Pickle.mark + Pickle.string("dropped") + [0x90]),
      ("_modules", Pickle.emptyDict), ("_private", Pickle.none),
    ]
    let layer = leaf + Pickle.dict(state) + Pickle.build
    let folder = try ScratchFolder()
    let model = Pickle.module([("0", layer), ("gone", Pickle.none), ("x", Pickle.module())])
    let file = try WeightFile(path: folder.write(checkpoint(model)))
    #expect(file.entries.map(\.name) == ["0.w", "0.kept"])
    #expect(file.modules.map(\.path) == ["", "0", "x"])
    #expect(file.modules.map(\.className) == ["models.Block", "models.Leaf", "models.Block"])
    #expect(file.module("0")?.attributes == ["training": .bool(false)])
  }

  @Test func aModuleInsideItselfIsRefused() throws {
    // The module is memoized before its state is built, so its state can hold it.
    let object = Pickle.global("models", "Block") + Pickle.emptyTuple + Pickle.newObject + Pickle.put(0)
    let state = Pickle.dict([("_parameters", Pickle.emptyDict), ("_modules", Pickle.dict([("me", Pickle.get(0))]))])
    #expect(try refusal(of: checkpoint(object + state + Pickle.build))?.contains("“me” contains itself") == true)
  }

  @Test func sharedModulesDoNotMultiplyForEver() throws {
    var model = Pickle.module()
    for level in 0..<UInt32(40) {
      model = model + Pickle.put(level) + [0x30] + Pickle.module([("a", Pickle.get(level)), ("b", Pickle.get(level))])
    }
    #expect(try refusal(of: checkpoint(model))?.contains("more than 2000000 members") == true)
  }

  /// Members without a name of their own are work as well.
  @Test func sharedStatesOfManyMembersAreRefused() throws {
    let numbers = (0..<20_000).flatMap { Pickle.int($0) + Pickle.none }
    let object = Pickle.global("models", "Block") + Pickle.emptyTuple + Pickle.newObject
    let parts = Pickle.string("_parameters") + Pickle.emptyDict + Pickle.string("_modules") + Pickle.emptyDict
    let shared = object + Pickle.emptyDict + Pickle.mark + numbers + parts + Pickle.setItems + Pickle.build
    let model = shared + Pickle.put(0) + [0x30] + Pickle.module((0..<60).map { ("\($0)", Pickle.get(0)) })
    #expect(try refusal(of: checkpoint(model))?.contains("more than 2000000 members") == true)
  }

  @Test func deepNestingIsRefused() throws {
    var model = Pickle.module()
    for level in 0..<UInt32(200) {
      model = model + Pickle.put(level) + [0x30] + Pickle.module([("a", Pickle.get(level))])
    }
    #expect(try refusal(of: checkpoint(model))?.contains("nested more than 100 deep") == true)
  }

  @Test func endlessNamesAreRefused() throws {
    let model = Pickle.module([(String(repeating: "n", count: 1001), Pickle.module())])
    #expect(try refusal(of: checkpoint(model))?.contains("a name of over 1000 bytes") == true)
  }

  @Test func partsOfTheWrongKindAreRefused() throws {
    #expect(
      try refusal(of: checkpoint(Pickle.module([("a", Pickle.int(1))])))?.contains("“a” is not a torch.nn.Module")
        == true)
    let odd = Pickle.module([], [("_buffers", Pickle.none)])
    #expect(try refusal(of: checkpoint(odd))?.contains("“_buffers” twice") == true)
    let object = Pickle.global("m", "M") + Pickle.emptyTuple + Pickle.newObject
    let state = Pickle.dict([("_parameters", Pickle.dict([("w", Pickle.int(1))])), ("_modules", Pickle.emptyDict)])
    #expect(try refusal(of: checkpoint(object + state + Pickle.build))?.contains("“w” is not a tensor") == true)
  }
}
