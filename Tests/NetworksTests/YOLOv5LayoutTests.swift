import Tensor
import TestSupport
import Testing

@testable import Networks

/// Files that are not the networks rebuilt here, each with its sentence.
struct YOLOv5LayoutTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  @Test func refusesAnUnknownModule() throws {
    let path = try folder.patched(SlimYOLOv5.fp16.path, "models.common\nSPPF\n", "models.common\nSPPX\n")
    #expect(
      try refusalOfYOLOv5(path) == "FILE: model.9 has the class models.common.SPPX, a layer that is not supported")
    let activation = try folder.patched(SlimYOLOv5.fp32.path, "activation\nSiLU\n", "activation\nReLU\n")
    #expect(
      try refusalOfYOLOv5(activation)
        == "FILE: model.0.act has the class torch.nn.modules.activation.ReLU, a layer that is not supported")
  }

  @Test func refusesAKnownModuleElsewhere() throws {
    let path = try folder.patched(SlimYOLOv5.fp16.path, "models.common\nSPPF\n", "models.common\nConv\n")
    #expect(
      try refusalOfYOLOv5(path)
        == "FILE cannot be read: layer model.9 is Conv, but YOLOv5 n, s, m, l, x of releases 6.0 to 7.0 has SPPF")
    let renumbered = try folder.patched(SlimYOLOv5.fp16.path, "X\u{2}\0\0\0" + "24", "X\u{2}\0\0\0" + "25")
    #expect(
      try refusalOfYOLOv5(renumbered)
        == "FILE cannot be read: layer model.24 is nothing, but YOLOv5 n, s, m, l, x of releases 6.0 to 7.0 has Detect"
    )
  }

  @Test func refusesMaskRCNN() throws {
    let path = try SlimMaskRCNN(variant: "v2").write(in: folder)
    #expect(try refusalOfYOLOv5(path) == "FILE has a Mask R-CNN, not a YOLOv5")
    let both = try folder.rewritten {
      $0.append(SafetensorsWriter.Tensor(name: "backbone.body.conv1.weight", shape: [1], floats: [0]))
    }
    #expect(
      try refusalOfYOLOv5(both) == "FILE has 1 tensor that the network does not use: backbone.body.conv1.weight")
  }

  @Test func refusesAMissingTensor() throws {
    for key in [
      "model.24.anchors", "model.24.m.0.bias", "model.24.m.2.weight", "model.0.conv.weight", "model.0.bn.running_var",
      "model.4.m.1.cv2.bn.bias", "model.23.cv3.conv.weight",
    ] {
      let path = try folder.rewritten { $0.remove(key) }
      #expect(try refusalOfYOLOv5(path) == "FILE lacks the tensor \(key)")
    }
  }

  @Test func refusesAMisshapenTensor() throws {
    let cases: [(key: String, found: [Int], expected: [Int])] = [
      ("model.1.conv.weight", [6, 4, 1, 1], [6, 4, 3, 3]), ("model.0.bn.weight", [5], [4]),
      ("model.0.conv.weight", [4, 12, 3, 3], [4, 3, 6, 6]), ("model.24.m.1.weight", [21, 8, 1, 1], [21, 10, 1, 1]),
      ("model.24.m.1.bias", [24], [21]), ("model.17.cv1.conv.weight", [4, 8, 1, 1], [4, 16, 1, 1]),
      ("model.6.m.0.cv2.conv.weight", [5, 5, 3], [5, 5, 3, 3]),
      ("model.13.cv2.conv.weight", [6, 20, 1, 1], [5, 20, 1, 1]),
    ]
    for (key, found, expected) in cases {
      let path = try folder.rewritten {
        $0.replace(key, shape: found, floats: Array(repeating: 0, count: found.reduce(1, *)))
      }
      #expect(try refusalOfYOLOv5(path) == "FILE: \(key) has shape \(found), but \(expected) was expected")
    }
  }

  @Test func refusesAnUnusedTensor() throws {
    let path = try folder.rewritten {
      $0.append(SafetensorsWriter.Tensor(name: "model.9.cv3.conv.weight", shape: [1], floats: [0]))
      $0.append(SafetensorsWriter.Tensor(name: "model.25.bias", shape: [1], floats: [0]))
    }
    #expect(
      try refusalOfYOLOv5(path)
        == "FILE has 2 tensors that the network does not use: model.9.cv3.conv.weight, model.25.bias")
    let bias = try folder.rewritten {
      $0.append(SafetensorsWriter.Tensor(name: "model.3.conv.bias", shape: [8], floats: Array(repeating: 0, count: 8)))
    }
    #expect(
      try refusalOfYOLOv5(bias) == "FILE has 1 tensor that the network does not use: model.3.conv.bias")
  }

  @Test func refusesWeightsOfAnotherType() throws {
    let path = try folder.rewritten {
      guard let index = $0.firstIndex(where: { $0.name == "model.0.bn.bias" }) else { return }
      $0[index] = SafetensorsWriter.Tensor(name: "model.0.bn.bias", dtype: .int8, shape: [4], bytes: [0, 0, 0, 0])
    }
    #expect(
      try refusalOfYOLOv5(path)
        == "FILE: model.0.bn.bias has the type I8, which cannot be read as floats; only F16, BF16, F32 and F64 can")
  }

  @Test func refusesWeightsThatAreNotFinite() throws {
    let normalized = ", with its normalization,"
    let cases: [(tensor: String, shape: [Int], value: Float, count: String, place: String)] = [
      ("model.4.m.1.cv2.bn.weight", [4], .nan, "148 of 148", "model.4.m.1.cv2.conv\(normalized)"),
      ("model.4.m.1.cv2.bn.running_var", [4], -1, "148 of 148", "model.4.m.1.cv2.conv\(normalized)"),
      ("model.10.bn.running_mean", [10], .infinity, "10 of 330", "model.10.conv\(normalized)"),
      ("model.24.m.1.bias", [21], -.infinity, "21 of 231", "model.24.m.1"),
    ]
    for (tensor, shape, value, count, place) in cases {
      let path = try folder.rewritten {
        $0.replace(tensor, shape: shape, floats: Array(repeating: value, count: shape[0]))
      }
      #expect(try refusalOfYOLOv5(path) == "FILE: \(count) weights and biases of \(place) are not finite")
    }
  }

  /// A finite network may overflow; what comes of it is no detection.
  @Test func overflowGivesNoDetections() throws {
    let path = try folder.rewritten {
      $0.replace("model.23.cv3.bn.weight", shape: [32], floats: Array(repeating: 1e37, count: 32))
    }
    let model = try YOLOv5(weights: path, engine: Engine(threads: 1))
    let found = try model.detect(SlimYOLOv5.picture(), options: .init(confidence: 0, iou: 1, size: 96))
    #expect(found.allSatisfy { $0.box.x1 <= $0.box.x2 && $0.box.y1 <= $0.box.y2 && $0.score.isFinite })
  }

  /// Shapes without elements may claim any size.
  @Test(arguments: [Int.max, 1 << 62, 1 << 40])
  func refusesAbsurdChannelCounts(_ count: Int) throws {
    for key in ["model.0.conv.weight", "model.5.conv.weight", "model.9.cv1.conv.weight", "model.2.cv1.conv.weight"] {
      let path = try folder.rewritten {
        $0.replace(key, shape: [count, 0, 1, 1], floats: [])
      }
      #expect(
        try refusalOfYOLOv5(path)
          == "FILE: \(key) has shape [\(count), 0, 1, 1], but 4 dimensions of 1 to 1048576 were expected"
      )
    }
    for (key, start) in [("model.24.anchors", "FILE: "), ("model.24.m.0.bias", "FILE is malformed: ")] {
      let path = try folder.rewritten { $0.replace(key, shape: [count, 0], floats: []) }
      #expect(try refusalOfYOLOv5(path)?.hasPrefix("\(start)\(key) has shape [\(count), 0], but ") == true)
    }
  }

  @Test func refusesSharedElements() throws {
    let twice = checkpoint(
      Pickle.dict([("model.24.anchors", Pickle.tensor()), ("model.0.conv.weight", Pickle.tensor())]))
    #expect(
      try refusalOfYOLOv5(folder.write(twice, to: "twice.pt"))
        == "FILE cannot be read: its tensors take 48 bytes, but share 24 bytes of the file; tensors "
        + "that share elements are not supported")
    let expanded = checkpoint(Pickle.dict([("model.24.anchors", Pickle.tensor(strides: [0, 1]))]))
    #expect(
      try refusalOfYOLOv5(folder.write(expanded, to: "expanded.pt"))
        == "FILE cannot be read: its tensors take 24 bytes, but share 12 bytes of the file; tensors "
        + "that share elements are not supported")
  }

  @Test func refusesAChannellessConvolution() throws {
    for shape in [[0, 3, 6, 6], [4], []] {
      let path = try folder.rewritten {
        $0.replace("model.0.conv.weight", shape: shape, floats: Array(repeating: 0, count: shape.reduce(1, *)))
      }
      #expect(
        try refusalOfYOLOv5(path)
          == "FILE: model.0.conv.weight has shape \(shape), but 4 dimensions of 1 to 1048576 were expected"
      )
    }
  }

  /// Shapes do not tell these; the pickled layers do.
  @Test func refusesAnotherGraphOfTheSameShapes() throws {
    let fixture = SlimYOLOv5.fp32.path
    let pooling = try folder.patched(fixture, "MaxPool2d\n", "MaxPool3d\n")
    #expect(
      try refusalOfYOLOv5(pooling)
        == "FILE: model.9.m has the class torch.nn.modules.pooling.MaxPool3d, a layer that is not supported")
    let upsampling = try folder.patched(fixture, "nearest", "bicubic")
    #expect(
      try refusalOfYOLOv5(upsampling)
        == "FILE cannot be read: model.11 has the mode 'bicubic', but YOLOv5 has 'nearest'")
  }

  @Test func comparesWhatLayersSayOfThemselves() throws {
    let weights = WeightReader(try WeightFile(path: SlimYOLOv5.fp32.path))["model"]
    let cases: [(layer: String, attribute: String, found: PickleValue, other: PickleValue, text: String)] = [
      ("12", "f", .list([.int(-1), .int(6)]), .int(-1), "the f [-1, 6], but YOLOv5 has -1"),
      ("2.m.0", "add", .bool(true), .bool(false), "the add true, but YOLOv5 has false"),
      ("11", "scale_factor", .float(2), .float(4), "the scale_factor 2.0, but YOLOv5 has 4.0"),
      (
        "1.conv", "stride", .tuple([.int(2), .int(2)]), .tuple([.int(1), .int(1)]),
        "the stride [2, 2], but YOLOv5 has [1, 1]"
      ),
      ("9.m", "kernel_size", .int(5), .int(3), "the kernel_size 5, but YOLOv5 has 3"),
    ]
    for (layer, attribute, found, other, text) in cases {
      try YOLOv5Layout.require(attribute, found, of: weights[layer])
      #expect(
        throws: WeightFileError.unsupported(path: SlimYOLOv5.fp32.path, detail: "model.\(layer) has \(text)")
      ) { try YOLOv5Layout.require(attribute, other, of: weights[layer]) }
    }
    #expect(throws: WeightFileError.self) {
      try YOLOv5Layout.requireGeometry(kernel: 3, stride: 1, of: weights["1.conv"])
    }
    let plain = WeightReader(try WeightFile(path: SlimYOLOv5.stateDict))["model"]
    try YOLOv5Layout.require("f", .int(7), of: plain["12"])
  }
}
