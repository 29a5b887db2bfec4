import Tensor
import TestSupport
import Testing

@testable import Networks

/// Names, anchors, strides and epsilon: where they come from, and what is refused.
struct YOLOv5ConfigurationTests {
  private let folder: ScratchFolder
  private let engine: Engine

  init() throws {
    folder = try ScratchFolder()
    engine = try Engine(threads: 1)
  }

  private func configuration(_ path: String) throws -> YOLOv5Configuration {
    try YOLOv5Configuration(WeightReader(WeightFile(path: path)))
  }

  @Test(arguments: SlimYOLOv5.allCases)
  func readsACheckpoint(_ network: SlimYOLOv5) throws {
    let found = try configuration(network.path)
    #expect(found.names == network.names)
    #expect(found.strides == [8, 16, 32])
    #expect(found.epsilon == 1e-3)
    #expect(found.anchors.map(\.count) == [3, 3, 3])
    let expected: [[Float]] = [[10, 13, 16, 30, 33, 23], [30, 61, 62, 45, 59, 119], [116, 90, 156, 198, 373, 326]]
    for (level, sizes) in expected.enumerated() {
      let values = found.anchors[level].flatMap { [$0.width, $0.height] }
      // Half precision keeps 11 bits.
      let tolerance = network == .fp16 ? Tolerance.YOLOv5.halfAnchor : Tolerance.YOLOv5.anchor
      #expect(zip(values, sizes).allSatisfy { abs($0 - $1) <= $1 * tolerance })
    }
  }

  @Test func stateDictHasDefaults() throws {
    let found = try configuration(SlimYOLOv5.stateDict)
    let checkpoint = try configuration(SlimYOLOv5.fp16.path)
    #expect(found.names == ["class 0", "class 1"])
    #expect(found.epsilon == 1e-3)
    #expect(found.anchors == checkpoint.anchors)
  }

  @Test func eightyClassesAreCOCOs() throws {
    let path = try folder.rewritten { tensors in
      for (level, channels) in [8, 10, 32].enumerated() {
        let weights = [Float](repeating: 0, count: 255 * channels)
        tensors.replace("model.24.m.\(level).weight", shape: [255, channels, 1, 1], floats: weights)
        tensors.replace("model.24.m.\(level).bias", shape: [255], floats: Array(repeating: 0, count: 255))
      }
    }
    let labels = try YOLOv5(weights: path, engine: engine).labels
    #expect(labels == COCOCategory.names)
    #expect(labels.count == 80)
    #expect(labels.first == "person")
    #expect(labels.last == "toothbrush")
  }

  @Test func anchorsScaleTheBoxes() throws {
    let plain = try YOLOv5(weights: SlimYOLOv5.stateDict, engine: engine)
    let sizes = try WeightFile(path: SlimYOLOv5.stateDict).floats("model.24.anchors")
    let path = try folder.rewritten {
      $0.replace("model.24.anchors", shape: [3, 3, 2], floats: sizes.map { $0 * 2 })
    }
    let input = try SlimYOLOv5.input()
    var expected = try plain.predict(input).values
    for start in stride(from: 0, to: expected.count, by: 7) {
      expected[start + 2] *= 2
      expected[start + 3] *= 2
    }
    #expect(try YOLOv5(weights: path, engine: engine).predict(input).values == expected)
  }

  @Test func epsilonComesFromTheLayersOrTheMetadata() throws {
    let input = try SlimYOLOv5.input()
    // Each normalization's `eps`, as the pickle writes floats: 1e-3 becomes 0.5.
    let checkpoint = try folder.patched(
      SlimYOLOv5.fp16.path, [0x47, 0x3F, 0x50, 0x62, 0x4D, 0xD2, 0xF1, 0xA9, 0xFC],
      [0x47, 0x3F, 0xE0, 0, 0, 0, 0, 0, 0])
    let metadata = try folder.rewritten(metadata: ["epsilon": "0.5"])
    #expect(try configuration(checkpoint).epsilon == 0.5)
    let output = try YOLOv5(weights: checkpoint, engine: engine).predict(input).values
    #expect(output == (try YOLOv5(weights: metadata, engine: engine).predict(input).values))
    #expect(output != (try YOLOv5(weights: SlimYOLOv5.stateDict, engine: engine).predict(input).values))
  }

  @Test func eachNormalizationHasItsOwnEpsilon() throws {
    let input = try SlimYOLOv5.input()
    let outputs = try [0, 1, .max].map { limit in
      let path =
        limit == 0
        ? SlimYOLOv5.fp16.path
        : try folder.patched(
          SlimYOLOv5.fp16.path, [0x47, 0x3F, 0x50, 0x62, 0x4D, 0xD2, 0xF1, 0xA9, 0xFC],
          [0x47, 0x3F, 0xE0, 0, 0, 0, 0, 0, 0], limit: limit)
      return try YOLOv5(weights: path, engine: engine).predict(input).values
    }
    #expect(Set(outputs).count == 3, "none, the first and all normalizations with an epsilon of 0.5")
  }

  @Test func epsilonsOfFilesAreSafeToPrint() throws {
    let path = try folder.rewritten(metadata: ["epsilon": "\u{1B}[31m"])
    #expect(
      try refusalOfYOLOv5(path)
        == "FILE is malformed: the metadata's epsilon must be a number from 0 to below 1, got '\\u{1B}[31m'")
  }

  @Test(arguments: ["", "x", "-0.001", "1", "nan", "inf"])
  func refusesEpsilon(_ text: String) throws {
    let path = try folder.rewritten(metadata: ["epsilon": text])
    #expect(
      try refusalOfYOLOv5(path)
        == "FILE is malformed: the metadata's epsilon must be a number from 0 to below 1, got '\(text)'")
  }

  @Test func refusesStrides() throws {
    let sentence = "FILE cannot be read: it is a YOLOv5 with strides [8.0, 16.0, 64.0]; only 8, 16, 32 are supported"
    // 8, 16, 32 in half precision.
    let checkpoint = try folder.patched(
      SlimYOLOv5.fp16.path, [0, 0x48, 0, 0x4C, 0, 0x50], [0, 0x48, 0, 0x4C, 0, 0x54])
    #expect(try refusalOfYOLOv5(checkpoint) == sentence)
    #expect(try refusalOfYOLOv5(folder.rewritten(metadata: ["strides": "[8,16,64]"])) == sentence)
    #expect(
      try refusalOfYOLOv5(folder.rewritten(metadata: ["strides": "8 16"]))
        == "FILE cannot be read: it is a YOLOv5 with strides [8.0, 16.0]; only 8, 16, 32 are supported")
    #expect(
      try refusalOfYOLOv5(folder.rewritten(metadata: ["strides": "[8,16,x,32]"]))
        == "FILE cannot be read: it is a YOLOv5 with strides [8.0, 16.0, nan, 32.0]; only 8, 16, 32 are supported")
    #expect(try refusalOfYOLOv5(folder.rewritten(metadata: ["strides": "[8, 16, 32]"])) == nil)
  }

  @Test func refusesNames() throws {
    let three = try folder.rewritten(metadata: ["names": #"["a","b","c"]"#])
    #expect(
      try refusalOfYOLOv5(three) == "FILE is malformed: it has 3 class names, but its tensors are for 2 classes")
    for text in ["", "bolt, nut", #"{"0":"a","1":"b"}"#, "[1,2]"] {
      #expect(
        try refusalOfYOLOv5(folder.rewritten(metadata: ["names": text]))
          == "FILE is malformed: the metadata's names must be a JSON list of at most 1000000 strings", "\(text)")
    }
    // The pickle's text opcode becomes that of bytes.
    let bytes = try folder.patched(SlimYOLOv5.fp16.path, "X\u{4}\0\0\0bolt", "B\u{4}\0\0\0bolt")
    #expect(try refusalOfYOLOv5(bytes) == "FILE is malformed: a class name is not a string")
    // The key 0 becomes 5.
    let unnumbered = try folder.patched(SlimYOLOv5.fp32.path, "K\0X\u{8}\0\0\0red coin", "K\u{5}X\u{8}\0\0\0red coin")
    #expect(try refusalOfYOLOv5(unnumbered) == "FILE is malformed: its class names are not numbered from 0 to 2")
    // The key 0 becomes a second 1.
    let twice = try folder.patched(SlimYOLOv5.fp32.path, "K\0X\u{8}\0\0\0red coin", "K\u{1}X\u{8}\0\0\0red coin")
    #expect(try refusalOfYOLOv5(twice) == "FILE is malformed: it has two class names with the number 1")
    // The attribute is another one.
    let none = try folder.patched(SlimYOLOv5.fp16.path, "X\u{5}\0\0\0names", "X\u{5}\0\0\0namen")
    #expect(try YOLOv5(weights: none, engine: engine).labels == ["class 0", "class 1"])
  }

  @Test func refusesAnchors() throws {
    let misshapen = try folder.rewritten {
      $0.replace("model.24.anchors", shape: [2, 3, 2], floats: Array(repeating: 1, count: 12))
    }
    #expect(
      try refusalOfYOLOv5(misshapen) == "FILE: model.24.anchors has shape [2, 3, 2], but [3, 3, 2] was expected")
    for value in [0, -1, .nan, .infinity] as [Float] {
      let path = try folder.rewritten {
        $0.replace("model.24.anchors", shape: [3, 3, 2], floats: Array(repeating: 1, count: 17) + [value])
      }
      #expect(
        try refusalOfYOLOv5(path) == "FILE is malformed: an anchor in model.24.anchors does not have a positive size",
        "\(value)")
    }
  }

  @Test(arguments: [[20], [15], [3, 7], [], [0]])
  func refusesAHeadOfNoClasses(_ shape: [Int]) throws {
    let path = try folder.rewritten {
      $0.replace("model.24.m.0.bias", shape: shape, floats: Array(repeating: 0, count: shape.reduce(1, *)))
    }
    #expect(
      try refusalOfYOLOv5(path)
        == "FILE is malformed: model.24.m.0.bias has shape \(shape), but a head with 3 anchors has 3 * (5 + classes) outputs, "
        + "for 1 to 10000 classes")
  }
}
