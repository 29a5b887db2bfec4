import Tensor
import TestSupport
import Testing

@testable import Networks

struct YOLOv5ConversionTests {
  private let folder: ScratchFolder
  private let engine: Engine

  init() throws {
    folder = try ScratchFolder()
    engine = try Engine(threads: 1)
  }

  @Test(arguments: SlimYOLOv5.allCases)
  func keepsOutputAndMetadata(_ network: SlimYOLOv5) throws {
    let path = folder.file("converted.safetensors")
    try YOLOv5.convert(from: network.path, to: path)
    #expect(try folder.files() == ["converted.safetensors"])
    let (before, after) = try (WeightFile(path: network.path), WeightFile(path: path))
    #expect(after.format == .safetensors)
    #expect(Set(after.metadata.keys) == ["architecture", "names", "strides", "epsilon"])
    #expect(after.metadata["architecture"] == "yolov5")
    #expect(after.metadata["strides"] == "[8,16,32]")
    #expect(after.metadata["epsilon"] == "0.001")
    #expect(after.parameterCount == before.parameterCount)

    let (old, new) = try (YOLOv5(weights: before, engine: engine), YOLOv5(weights: after, engine: engine))
    #expect(new.configuration == old.configuration)
    #expect(new.labels == network.names)
    let input = try SlimYOLOv5.input()
    #expect(try new.predict(input).values == old.predict(input).values)

    let dtype: DType = network == .fp16 ? .float16 : .float32
    #expect(after.entries.allSatisfy { $0.dtype == dtype })
    #expect(after.entries.map(\.name) == before.entries.map(\.name).filter { !$0.hasSuffix("num_batches_tracked") })
  }

  @Test func convertingAgainGivesTheSameBytes() throws {
    let (first, second) = (folder.file("first.safetensors"), folder.file("second.safetensors"))
    try YOLOv5.convert(from: SlimYOLOv5.fp32.path, to: first)
    try YOLOv5.convert(from: first, to: second)
    #expect(try WeightFile(path: first).metadata == WeightFile(path: second).metadata)
    let (one, two) = try (WeightFile(path: first), WeightFile(path: second))
    #expect(one.entries == two.entries)
    #expect(try one.entries.allSatisfy { try one.bytes($0.name) == two.bytes($0.name) })
  }

  @Test func keepsNamesThatNeedEscapes() throws {
    let source = try folder.patched(SlimYOLOv5.fp32.path, "red coin", "\"\\\n,]é\t")
    let path = folder.file("converted.safetensors")
    try YOLOv5.convert(from: source, to: path)
    #expect(try YOLOv5(weights: path, engine: engine).labels == ["\"\\\n,]é\t", "blaue Münze", "貨幣"])
  }

  @Test func countsParametersAsPyTorch() throws {
    // sum(p.numel() for p in model.parameters())
    #expect(try WeightFile(path: SlimYOLOv5.fp16.path).parameterCount == 22_533)
    #expect(try WeightFile(path: SlimYOLOv5.fp32.path).parameterCount == 7468)
  }

  @Test func refusesSeveralEpsilons() throws {
    // One normalization's `eps`, as the pickle writes floats: 1e-3 becomes 0.5.
    let source = try folder.patched(
      SlimYOLOv5.fp32.path, [0x47, 0x3F, 0x50, 0x62, 0x4D, 0xD2, 0xF1, 0xA9, 0xFC],
      [0x47, 0x3F, 0xE0, 0, 0, 0, 0, 0, 0],
      limit: 1)
    _ = try YOLOv5(weights: source, engine: engine)
    #expect(
      throws: WeightFileError.unsupported(
        path: source,
        detail: "its batch normalizations have 2 different epsilons, but a converted file can have only one")
    ) { try YOLOv5.convert(from: source, to: folder.file("converted.safetensors")) }
  }

  @Test func writesNothingWhenItFails() throws {
    let broken = try folder.rewritten { $0.remove("model.0.conv.weight") }
    let before = try folder.files()
    #expect(throws: WeightFileError.missing(path: broken, key: "model.0.conv.weight")) {
      try YOLOv5.convert(from: broken, to: folder.file("converted.safetensors"))
    }
    #expect(throws: WeightFileError.self) {
      try YOLOv5.convert(from: SlimYOLOv5.fp32.path, to: folder.file("nowhere/converted.safetensors"))
    }
    #expect(try folder.files() == before)
  }
}
