import Foundation
import TestSupport
import Testing

@testable import Networks

@Suite struct WeightFileTests {
  @Test(arguments: [
    ("module-protocol2.pt", "model"), ("module-protocol4.pt", "model"), ("module-alone.pt", nil),
    ("module-ema.pt", "ema"), ("state.pt", nil), ("state-nested.pt", "state_dict"), ("state-in-model.pt", "model"),
  ])
  func checkpointsEqualWhatTorchAndSafetensorsSay(name: String, modelKey: String?) throws {
    let expected = try WeightFile(path: weightFixture("expected.safetensors"))
    let found = try WeightFile(path: weightFixture(name))
    #expect(found.format == .pytorch)
    #expect(found.modelKey == modelKey)
    #expect(Set(found.entries.map(\.name)) == Set(expected.entries.map(\.name)))
    #expect(found.entries.count == 26)
    for entry in expected.entries {
      #expect(found.entry(entry.name)?.shape == entry.shape, "\(entry.name)")
      #expect(found.entry(entry.name)?.dtype == entry.dtype, "\(entry.name)")
      #expect(try found.bytes(entry.name) == expected.bytes(entry.name), "\(entry.name)")
      if entry.dtype.readsAsFloats {
        #expect(try found.floats(entry.name, shape: entry.shape) == expected.floats(entry.name), "\(entry.name)")
      }
    }
  }

  @Test func theOrderIsThatOfStateDict() throws {
    let names = try WeightFile(path: weightFixture("module-protocol2.pt")).entries.map(\.name)
    #expect(names == (try WeightFile(path: weightFixture("state.pt")).entries.map(\.name)))
    #expect(names.first == "model.0.conv.weight")
    #expect(names.last == "shared.bn.num_batches_tracked")
  }

  @Test func modulesHaveTheirAttributes() throws {
    let file = try WeightFile(path: weightFixture("module-protocol2.pt"))
    #expect(file.module("model.0")?.className == "models.common.Conv")
    #expect(file.module("model.0.bn")?.attributes["eps"] == .float(1e-3))
    #expect(file.module("model.0.conv")?.attributes["stride"] == .tuple([.int(2), .int(2)]))
    let model = file.module("")
    #expect(model?.className == "models.yolo.Model")
    #expect(
      model?.attributes["names"]
        == .dict([.init(key: .int(0), value: .string("rouge")), .init(key: .int(1), value: .string("板栗"))]))
    #expect(model?.attributes["yaml"]?["width_multiple"]?.double == 0.25)
    #expect(model?.attributes["yaml"]?["serial"] == .opaque("an integer of 13 bytes"))
    #expect(model?.attributes["owner"] == .list([.opaque("a layer, models.yolo.Model")]))
    let stride = try #require(file.module("model.2")?.attributes["stride"]?.tensor)
    #expect(try file.floats(of: stride, name: "stride") == [8, 16])
  }

  @Test func theRestOfACheckpointIsKept() throws {
    let file = try WeightFile(path: weightFixture("module-protocol2.pt"))
    #expect(file.attributes["epoch"] == .int(-1))
    #expect(file.attributes["ema"] == PickleValue.none)
    #expect(file.attributes["model"] == nil)
    #expect(file.attributes["opt"]?["weights"] == .string("runs/best.pt"))
    #expect(file.attributes["opt"]?["size"] == .tuple([.int(1), .int(2)]))
    #expect(file.attributes["opt"]?["labels"] == .set([.string("a")]))
    #expect(try WeightFile(path: weightFixture("expected.safetensors")).metadata == ["by": "torch"])
  }

  @Test func wrongRequestsNameTheKeyAndBothShapes() throws {
    let path = weightFixture("expected.safetensors")
    let file = try WeightFile(path: path)
    let missing = #expect(throws: WeightFileError.self) { try file.floats("model.9.weight") }
    #expect(missing?.description == "\(path) lacks the tensor model.9.weight")
    let misshapen = #expect(throws: WeightFileError.self) { try file.floats("model.0.conv.weight", shape: [8, 3]) }
    #expect(
      misshapen?.description == "\(path): model.0.conv.weight has shape [4, 3, 3, 3], but [8, 3] was expected")
    #expect(throws: WeightFileError.unreadable(path: path, key: "model.2.mask", dtype: .bool)) {
      try file.floats("model.2.mask")
    }
  }

  @Test(arguments: ["system", "eval", "getattr"])
  func nothingIsExecuted(name: String) throws {
    let callable = ["system": "posix.system", "eval": "builtins.eval", "getattr": "builtins.getattr"][name] ?? ""
    let path = weightFixture("hostile-\(name).pt")
    #expect(throws: WeightFileError.refusedCallable(path: path, name: callable)) { try WeightFile(path: path) }
    #expect(!FileManager.default.fileExists(atPath: "executed"))
  }

  /// A stride of 0 makes any number of elements out of one.
  @Test func expandedTensorsAreReadUpToTheSizeOfTheFile() throws {
    let folder = try ScratchFolder()
    let huge = Pickle.tensor(shape: [1_000_000_000_000], strides: [0])
    let small = Pickle.tensor(shape: [2, 2, 3], strides: [0, 3, 1])
    let members = [
      ("huge", huge), ("small", small), ("a.weight", huge), ("b.weight", Pickle.tensor(shape: [1 << 60], strides: [0])),
    ]
    let file = try WeightFile(path: folder.write(checkpoint(Pickle.dict(members))))
    #expect(try file.floats("small") == [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5])
    #expect(try file.bytes("small").count == 48)
    let error = WeightFileError.expanded(path: file.path, key: "huge", count: 1_000_000_000_000, stored: 1)
    #expect(throws: error) { try file.floats("huge") }
    #expect(throws: error) { try file.floats("huge", shape: [1_000_000_000_000]) }
    #expect(throws: error) { try file.bytes("huge") }
    #expect(
      error.description
        == "\(file.path): huge repeats 1 stored element to 1000000000000, more than the file could store")
    #expect(file.parameterCount == 1_000_000_000_000 + 1 << 60)
    #expect(throws: WeightFileError.self) { try file.refuseSharing() }
  }

  @Test func countsOfExpandedTensorsEndAtTheGreatestInteger() throws {
    let folder = try ScratchFolder()
    let members = (0..<9).map { ("\($0).weight", Pickle.tensor(shape: [1 << 60], strides: [0])) }
    let file = try WeightFile(path: folder.write(checkpoint(Pickle.dict(members))))
    #expect(file.parameterCount == .max)
    #expect(throws: WeightFileError.self) { try file.refuseSharing() }
  }

  @Test func tensorsOfAnotherFileAreNotReadOutsideThisOne() throws {
    let folder = try ScratchFolder()
    let tiny = try WeightFile(path: weightFixture("tiny.pt"))
    let small = try WeightFile(
      path: folder.write(safetensors(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, data: [0])))
    let tensor = try #require(tiny.entry("weight")?.tensor)
    #expect(throws: WeightFileError.self) { try small.floats(of: tensor, name: "weight") }
  }

  @Test(arguments: ["tiny.pt", "expected.safetensors", "legacy.pt"])
  func everyTruncationIsRefused(name: String) throws {
    let whole = try weightFixtureBytes(name)
    for count in 0..<whole.count {
      #expect(try refusal(of: Array(whole.prefix(count))) != nil, "\(count) of \(whole.count) bytes")
    }
  }

  @Test(arguments: ["module-protocol2.pt", "module-protocol4.pt", "state.pt", "tiny.pt", "expected.safetensors"])
  func flippedBytesNeverTrap(name: String) throws {
    var generator = SeededGenerator(seed: 42)
    let whole = try weightFixtureBytes(name)
    let folder = try ScratchFolder()
    var refused = 0
    let rounds = 600
    for _ in 0..<rounds {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        // Most of the structure of a checkpoint is in its first part, the pickle, and in the directory at its end.
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[place] = UInt8.random(in: 0...255, using: &generator)
      }
      do {
        let file = try WeightFile(path: folder.write(bytes))
        for entry in file.entries where entry.dtype.readsAsFloats {
          #expect(try file.floats(entry.name).count == entry.shape.reduce(1, *))
        }
      } catch is WeightFileError {
        refused += 1
      }
    }
    #expect(refused > 0 && refused < rounds, "\(refused) of \(rounds) refused")
  }

  @Test(.enabled(if: realWeights != nil, "skipped: no real weights in LIMN_DATA or ../shared/data"))
  func realCheckpointsOpen() throws {
    let weights = try #require(realWeights)
    for (name, tensors, elements, modules, model, first) in [
      ("yolov5n.pt", 349, 1_881_736, 270, "models.yolo.Model", "model.0.conv.weight"),
      ("yolov5s-widened.pt", 349, 7_254_472, 270, "models.yolo.Model", "model.0.conv.weight"),
      ("custom/duckie_4cls_v70.pt", 349, 1_778_908, 270, "models.yolo.DetectionModel", "model.0.conv.weight"),
      ("custom/ppe_helmet_vest_2cls_v61.pt", 349, 1_776_202, 270, "models.yolo.Model", "model.0.conv.weight"),
      (
        "unsupported/yolov5n_cbam_4cls_unsupported_arch.pt", 367, 1_830_632, 338, "models.yolo.Model",
        "model.0.conv.weight"
      ),
      ("maskrcnn_resnet50_fpn_v2_overfit8_fp16.pth", 432, 46_420_790, 0, nil, "backbone.body.conv1.weight"),
    ] as [(String, Int, Int, Int, String?, String)] {
      let file = try WeightFile(path: "\(weights)/\(name)")
      #expect(file.entries.count == tensors, "\(name)")
      #expect(file.entries.reduce(0) { $0 + $1.tensor.count } == elements, "\(name)")
      #expect(file.modules.count == modules, "\(name)")
      #expect(file.module("")?.className == model, "\(name)")
      #expect(file.entries.first?.name == first, "\(name)")
    }
    let cbam = try WeightFile(path: "\(weights)/unsupported/yolov5n_cbam_4cls_unsupported_arch.pt")
    #expect(cbam.modules.contains { $0.className == "models.common.CBAM" })
    #expect(cbam.module("")?.attributes["names"]?.elements?.compactMap(\.string) == ["板栗", "橙子", "草莓", "番茄"])
  }

  @Test(.enabled(if: realWeights != nil, "skipped: no real weights in LIMN_DATA or ../shared/data"))
  func aTruncatedDownloadIsRefused() throws {
    let path = "\(try #require(realWeights))/unsupported/yolov5n_truncated_prefix_of_official.pt"
    let error = #expect(throws: WeightFileError.self) { try WeightFile(path: path) }
    #expect(error?.description.hasPrefix("\(path) is truncated: ") == true)
  }
}
