import Tensor
import TestSupport
import Testing

@testable import Networks

/// Networks that were wrapped when they were saved.
struct NetworkPrefixTests {
  private let folder: ScratchFolder
  private let engine: Engine

  init() throws {
    folder = try ScratchFolder()
    engine = try Engine(threads: 1)
  }

  @Test(arguments: [
    (["model.24.anchors"], ""), (["model.24.m.0.weight"], ""), (["module.model.24.anchors"], "module."),
    (["model.model.24.anchors"], "model."), (["a", "net.backbone.body.conv1.weight"], "net."),
    (["module.model.model.24.m.0.weight"], "module.model."), (["a.model.24.anchors", "model.24.anchors"], ""),
    (["a.model.24.anchors", "b.model.24.anchors"], "a."), (["supermodel.24.anchors"], nil),
    (["model.24.anchors.x"], nil), (["model.2.anchors", "24.anchors", ""], nil), ([], nil),
    ([".model.24.anchors"], "."), (["é\u{301}.model.24.anchors"], "é\u{301}."),
  ])
  func thePrefixStandsBeforeALandmark(names: [String], prefix: String?) {
    #expect(NetworkPrefix.find(in: names) == prefix)
  }

  @Test(arguments: ["module.", "model.", "net.", "module.model.", "_orig_mod.", "model.model.", "a.b c.é."])
  func prefixedStateDictsLoad(_ prefix: String) throws {
    let plain = try WeightFile(path: SlimYOLOv5.stateDict)
    let path = try folder.write(checkpoint(of: plain, prefix: prefix))
    let file = try WeightFile(path: path)
    #expect(file.keyPrefix == prefix)
    #expect(file.entries.map(\.name) == plain.entries.map(\.name).filter { !$0.hasSuffix("num_batches_tracked") })
    try expectTheSame(file, plain)
  }

  @Test(arguments: [
    "state_dict", "model", "model_state_dict", "net", "network", "weights", "params", "ema_state_dict", "ema",
    "generator of my own",
  ])
  func wrappedStateDictsLoad(_ key: String) throws {
    let plain = try WeightFile(path: SlimYOLOv5.stateDict)
    for prefix in ["", "module."] {
      let path = try folder.write(
        checkpoint(of: plain, prefix: prefix) { states in
          Pickle.dict([
            ("epoch", Pickle.tensor(shape: [], strides: [])), (key, states),
            ("loss", Pickle.dict([("a", Pickle.none)])),
          ])
        })
      // The tensor beside it is of the storage 0, like the first of the state dict.
      let file = try WeightFile(path: path)
      #expect(file.modelKey == key)
      #expect(file.keyPrefix == prefix)
      #expect(file.attributes["epoch"]?.tensor != nil)
      try expectTheSame(file, plain)
    }
  }

  /// Of several, the first that holds a network is taken.
  @Test func otherDictionariesOfTensorsArePassedOver() throws {
    let plain = try WeightFile(path: SlimYOLOv5.stateDict)
    let other = Pickle.dict([("weight", Pickle.none)])
    for keys in [["state_dict", "ema"], ["model", "x"]] {
      let path = try folder.write(
        checkpoint(of: plain) { Pickle.dict([(keys[0], other), (keys[1], $0)]) })
      #expect(try WeightFile(path: path).modelKey == keys[1])
    }
    let foreign = try folder.write(
      checkpoint(
        Pickle.dict([("params", Pickle.dict([("w", Pickle.tensor())])), ("x", Pickle.dict([("v", Pickle.tensor())]))])))
    #expect(try WeightFile(path: foreign).modelKey == "params")
  }

  @Test func safetensorsMayHaveAPrefix() throws {
    let plain = try WeightFile(path: SlimYOLOv5.stateDict)
    let path = try folder.rewritten { tensors in
      tensors = tensors.map { .init(name: "module." + $0.name, dtype: $0.dtype, shape: $0.shape, bytes: $0.bytes) }
    }
    let file = try WeightFile(path: path)
    #expect(file.keyPrefix == "module.")
    try expectTheSame(file, plain)
    let converted = folder.file("converted.safetensors")
    try YOLOv5.convert(from: path, to: converted)
    #expect(try WeightFile(path: converted).keyPrefix == "")
    try expectTheSame(WeightFile(path: converted), plain)
  }

  @Test func tensorsOutsideThePrefixAreNamed() throws {
    func path(beside name: String) throws -> String {
      try folder.rewritten { tensors in
        tensors = tensors.map { .init(name: "net." + $0.name, dtype: $0.dtype, shape: $0.shape, bytes: $0.bytes) }
        tensors.append(.init(name: name, shape: [1], floats: [0]))
      }
    }
    #expect(
      try refusalOfYOLOv5(path(beside: "criterion.weight"))
        == "FILE has 1 tensor that the network does not use: criterion.weight")
    #expect(
      try refusalOfYOLOv5(path(beside: "model.0.conv.weight"))
        == "FILE is malformed: it has both “net.model.0.conv.weight” and “model.0.conv.weight”")
  }

  /// A model of torch.hub: `AutoShape`, in it `DetectMultiBackend`, in it the network, its normalizations fused.
  @Test func wrappedModelsLoad() throws {
    let file = try WeightFile(path: weightFixture("yolov5_slim_wrapped.pt"))
    #expect(file.keyPrefix == "model.model.")
    #expect(file.modules.first?.path == "")
    #expect(file.module("")?.className == "models.yolo.DetectionModel")
    #expect(file.module("model.0.conv")?.className == "torch.nn.modules.conv.Conv2d")
    let network = try YOLOv5(weights: file, engine: engine)
    #expect(network.labels == SlimYOLOv5.fp32.names)
    let output = try network.predict(SlimYOLOv5.input()).values
    let (box, score) = try difference(output, from: SlimYOLOv5.fp32.output, classes: 3)
    #expect(box <= Tolerance.YOLOv5.box)
    #expect(score <= Tolerance.YOLOv5.score)
  }

  private func expectTheSame(_ file: WeightFile, _ plain: WeightFile) throws {
    let (found, expected) = try (YOLOv5(weights: file, engine: engine), YOLOv5(weights: plain, engine: engine))
    #expect(found.configuration == expected.configuration)
    let input = try Tensor(shape: Shape(height: 32, width: 32, channels: 3), repeating: 0.4)
    #expect(try found.predict(input).values == expected.predict(input).values)
  }
}
