import JSON
import Tensor
import TestSupport
import Testing

@testable import Networks

/// Class names beside a state dict, and how many and how long they may be.
struct ClassNamesTests {
  private let folder: ScratchFolder
  private let engine: Engine

  init() throws {
    folder = try ScratchFolder()
    engine = try Engine(threads: 1)
  }

  private static let list = Pickle.list(["a", "b"].map(Pickle.string))

  private static func numbered(_ names: [String], from first: Int32 = 0) -> [UInt8] {
    let pairs = names.enumerated().flatMap { Pickle.int(first + Int32($0.offset)) + Pickle.string($0.element) }
    return Pickle.emptyDict + Pickle.mark + pairs + Pickle.setItems
  }

  private func yolo(_ members: [(String, [UInt8])], key: String = "model_state_dict") throws -> String {
    let plain = try WeightFile(path: SlimYOLOv5.stateDict)
    return try folder.write(checkpoint(of: plain) { Pickle.dict([(key, $0)] + members) })
  }

  private func mask(_ members: [(String, [UInt8])]) throws -> String {
    let plain = try WeightFile(path: SlimMaskRCNN(variant: "v2").write(in: folder))
    return try folder.write(checkpoint(of: plain, prefix: "module.") { Pickle.dict([("state_dict", $0)] + members) })
  }

  @Test(arguments: ["names", "classes", "class_names"])
  func namesBesideAStateDictAreKept(_ key: String) throws {
    for names in [Self.list, Self.numbered(["a", "b"]), Pickle.tuple(["a", "b"].map(Pickle.string))] {
      let path = try yolo([(key, names)])
      #expect(try YOLOv5(weights: path, engine: engine).labels == ["a", "b"])
      let converted = folder.file("converted.safetensors")
      try YOLOv5.convert(from: path, to: converted)
      #expect(try WeightFile(path: converted).metadata["names"] == #"["a","b"]"#)
    }
    let texts = Pickle.dict([("1", Pickle.string("b")), ("0", Pickle.string("a"))])
    #expect(try YOLOv5(weights: yolo([(key, texts)]), engine: engine).labels == ["a", "b"])
    let inside = try folder.write(
      checkpoint(of: WeightFile(path: SlimYOLOv5.stateDict)) { $0 + Pickle.string(key) + Self.list + Pickle.setItem })
    #expect(try YOLOv5(weights: inside, engine: engine).labels == ["a", "b"])
  }

  @Test func whatDoesNotFitIsNoListOfNames() throws {
    let three = Pickle.list(["a", "b", "c"].map(Pickle.string))
    for value in [
      three, Pickle.int(2), Pickle.list([Pickle.int(0), Pickle.int(1)]), Pickle.string("ab"), Pickle.emptyDict,
      Pickle.dict([("a", Pickle.int(0)), ("b", Pickle.int(1))]), Self.numbered(["a", "b"], from: 2),
      Self.numbered(["a"]) + Pickle.int(5) + Pickle.string("b") + Pickle.setItem,
    ] {
      #expect(try YOLOv5(weights: yolo([("names", value)]), engine: engine).labels == ["class 0", "class 1"])
    }
    let path = try yolo([("names", three), ("classes", Pickle.int(2)), ("class_names", Self.list)])
    #expect(try YOLOv5(weights: path, engine: engine).labels == ["a", "b"])
  }

  @Test(arguments: ["names", "classes", "class_names"])
  func maskRCNNTakesThemWithOrWithoutTheBackground(_ key: String) throws {
    let (all, without) = (["bg", "x", "y", "z"], ["x", "y", "z"])
    for (value, expected) in [
      (Pickle.list(all.map(Pickle.string)), all),
      (Pickle.list(without.map(Pickle.string)), ["__background__"] + without),
      (Self.numbered(all), all), (Self.numbered(without, from: 1), ["__background__"] + without),
      (Self.numbered(without), ["__background__"] + without),
      (Pickle.list(["x"].map(Pickle.string)), ["__background__", "class 1", "class 2", "class 3"]),
    ] {
      let path = try mask([(key, value)])
      #expect(try MaskRCNN(weights: path, engine: engine).labels == expected)
      let converted = folder.file("converted.safetensors")
      try MaskRCNN.convert(from: path, to: converted)
      #expect(try MaskRCNN(weights: converted, engine: engine).labels == expected)
    }
  }

  @Test func maskRCNNsMetadataToo() throws {
    func labels(_ names: String) throws -> [String] {
      let path = try SlimMaskRCNN(variant: "v2").write(in: folder, metadata: ["names": names])
      return try MaskRCNN(weights: path, engine: engine).labels
    }
    #expect(try labels(#"["0","1","2","3"]"#) == ["0", "1", "2", "3"])
    #expect(try labels(#"["1","2","3"]"#) == ["__background__", "1", "2", "3"])
    let error = #expect(throws: WeightFileError.self) { try labels(#"["1"]"#) }
    #expect(
      error?.description.hasSuffix(
        " is malformed: its tensors are for 4 classes, the background included, but it has 1 class name") == true)
  }

  @Test func tooManyNamesAreRefused() throws {
    let many = JSONText.array(Array(repeating: "", count: 10_001))
    let sentence = "FILE cannot be read: it has 10001 class names; at most 10000 are supported"
    #expect(try refusalOfYOLOv5(folder.rewritten(metadata: ["names": many])) == sentence)
    let path = try SlimMaskRCNN(variant: "v2").write(in: folder, metadata: ["names": many])
    #expect(
      throws: WeightFileError.unsupported(path: path, detail: "it has 10001 class names; at most 10000 are supported")
    ) {
      try MaskRCNN(weights: path, engine: engine)
    }
    let model = Pickle.module(
      [("model", Pickle.module([("24", Pickle.module(parameters: [("anchors", Pickle.tensor())]))]))],
      [("names", Pickle.list(Array(repeating: Pickle.string("a"), count: 10_001)))])
    let file = try WeightFile(path: folder.write(checkpoint(model)))
    #expect(
      throws: WeightFileError.unsupported(
        path: file.path, detail: "it has 10001 class names; at most 10000 are supported")
    ) {
      try ClassNames.stated(file)
    }
  }

  @Test func longNamesAreRefused() throws {
    func name(_ bytes: Int) -> String { String(repeating: "é", count: bytes / 2) + (bytes % 2 == 1 ? "x" : "") }
    let sentence = "FILE cannot be read: the name of class 1 has 1001 bytes; at most 1000 are supported"
    for (bytes, expected) in [(1000, nil), (1001, sentence)] {
      let metadata = try folder.rewritten(metadata: ["names": JSONText.array(["a", name(bytes)])])
      #expect(try refusalOfYOLOv5(metadata) == expected)
      let names = Pickle.list([Pickle.string("a"), Pickle.string(name(bytes))])
      #expect(try refusalOfYOLOv5(yolo([("names", names)])) == expected)
    }
  }

  @Test func namesOfAnotherKindAreNamed() throws {
    let model = Pickle.module(
      [("model", Pickle.module([("24", Pickle.module(parameters: [("anchors", Pickle.tensor())]))]))],
      [("names", Pickle.int(2))])
    let file = try WeightFile(path: folder.write(checkpoint(model)))
    #expect(
      throws: WeightFileError.malformed(path: file.path, detail: "its class names are neither a list nor a dictionary")
    ) { try ClassNames.stated(file) }
  }
}
