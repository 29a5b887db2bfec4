import Tensor
import TestSupport
import Testing

@testable import Networks

/// What the registry says of files: the networks that Limn runs, and others, each with what it is.
struct ArchitectureTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private func sentences(_ bytes: [UInt8]) throws -> [String] {
    let path = try folder.write(bytes)
    let engine = try Engine(threads: 1)
    return [
      #expect(throws: WeightFileError.self) { try YOLOv5(weights: path, engine: engine) },
      #expect(throws: WeightFileError.self) { try MaskRCNN(weights: path, engine: engine) },
    ].compactMap { $0?.description.replacing(path, with: "FILE") }
  }

  /// As torchvision 0.14 and Ultralytics name their tensors.
  @Test(arguments: [
    (
      ["backbone.body.conv1.weight", "roi_heads.box_predictor.cls_score.weight"],
      "a Faster R-CNN, which finds boxes, but no masks"
    ),
    (
      ["backbone.body.0.0.weight", "roi_heads.box_predictor.cls_score.weight"],
      "a Faster R-CNN, which finds boxes, but no masks"
    ),
    (
      ["backbone.body.conv1.weight", "roi_heads.box_head.fc6.weight", "roi_heads.keypoint_head.0.weight"],
      "a Keypoint R-CNN, which finds boxes and key points, but no masks"
    ),
    (["backbone.body.0.0.weight", "roi_heads.mask_head.0.0.weight"], "a Mask R-CNN whose backbone is not a ResNet"),
    (["backbone.body.conv1.weight", "head.classification_head.conv.0.0.weight"], "a RetinaNet of torchvision"),
    (
      [
        "backbone.body.conv1.weight", "head.classification_head.cls_logits.weight",
        "head.regression_head.bbox_ctrness.weight",
      ], "an FCOS of torchvision"
    ),
    (["backbone.features.0.weight", "head.classification_head.module_list.0.weight"], "an SSD of torchvision"),
    (
      ["module.model.0.conv.weight", "module.model.22.dfl.conv.weight"],
      "an Ultralytics network (YOLOv8 or later, or YOLOv5u)"
    ),
    (
      ["module.model.24.anchors", "module.model.24.proto.cv1.conv.weight"],
      "a YOLOv5 segmentation model whose masks Limn does not support; train a detection model with train.py "
        + "instead of segment/train.py"
    ),
    (
      ["model.0.conv.conv.weight", "model.24.anchors"], "a YOLOv5 of a release before 6.0, whose first layer is a Focus"
    ),
    (
      ["model.0.conv.weight", "model.33.anchors"],
      "a YOLO whose anchors are model.33.anchors, not model.24.anchors: a YOLOv5 P6 or a relative"
    ),
    (["backbone.bottom_up.stem.conv1.weight", "roi_heads.mask_head.mask_fcn1.weight"], "a network of Detectron2"),
    (["backbone.conv1.weight", "roi_head.bbox_head.fc_cls.weight"], "a network of MMDetection"),
    (["backbone.conv1.weight", "bbox_head.retina_cls.weight"], "a network of MMDetection"),
    (["transformer.encoder.layers.0.norm1.weight", "class_embed.weight"], "a DETR, which has a transformer"),
    (["backbone.backbone.stem.conv.conv.weight", "head.cls_preds.0.weight"], "a YOLOX"),
    (
      ["model.0.conv.weight", "model.23.one2one_cv2.0.0.conv.weight"],
      "an Ultralytics network (YOLOv8 or later, or YOLOv5u)"
    ),
    (["model.0.conv.weight", "model.9.linear.weight"], "a classifier of YOLOv5 or Ultralytics, which finds no boxes"),
    (["model.0.conv.weight", "model.10.linear.weight"], "a classifier of YOLOv5 or Ultralytics, which finds no boxes"),
    (
      ["conv1.weight", "layer1.0.conv1.weight", "fc.weight"], "a ResNet that classifies images and finds no boxes"
    ),
    (
      ["features.0.0.weight", "classifier.1.weight"],
      "a network of torchvision that classifies images and finds no boxes"
    ),
    (
      ["conv1.weight", "bn1.weight", "bn1.bias", "fc.weight", "fc.bias"],
      "no network that Limn knows by the names of its tensors: conv1.weight, bn1.weight, bn1.bias and 2 more"
    ),
    (
      ["backbone.body.conv1.weight"],
      "no network that Limn knows by the names of its tensors: backbone.body.conv1.weight"
    ),
  ])
  func tensorsTell(names: [String], found: String) throws {
    let tensors = Pickle.dict(names.map { ($0, Pickle.tensor()) })
    let sentence = "FILE cannot be loaded: it is \(found); \(NetworkIdentity.loadable)"
    #expect(try sentences(checkpoint(tensors)) == [sentence, sentence])
    #expect(try sentences(checkpoint(Pickle.dict([("model_state_dict", tensors)]))) == [sentence, sentence])
    let file = try WeightFile(path: folder.write(checkpoint(tensors)))
    #expect(file.network == .unsupported(found))
    #expect(throws: WeightFileError.otherNetwork(path: file.path, found: .unsupported(found), expected: nil)) {
      try file.requireArchitecture()
    }
  }

  /// Each is recognised by one of its landmarks, with any prefix, and by nothing of the others.
  @Test func theArchitecturesThatLimnRunsAreDistinct() throws {
    #expect(Architecture.all.map(\.name) == ["YOLOv5", "Mask R-CNN"])
    #expect(Set(Architecture.all).count == Architecture.all.count)
    #expect(Set(Architecture.all.flatMap(\.landmarks)).count == Architecture.all.flatMap(\.landmarks).count)
    let mask = ["backbone.body.conv1.weight", "roi_heads.mask_head.0.0.weight"]
    for (names, expected) in [
      (["model.24.anchors"], Architecture.yolov5), (["model.24.m.0.weight"], .yolov5),
      (["model.0.conv.weight"], .yolov5),
      (["module.model.24.anchors"], .yolov5), (mask, .maskRCNN), (mask.map { "model." + $0 }, .maskRCNN),
    ] {
      let file = try WeightFile(path: folder.write(checkpoint(Pickle.dict(names.map { ($0, Pickle.tensor()) }))))
      #expect(file.network == .supported(expected), "\(names)")
      #expect(try file.requireArchitecture() == expected)
    }
  }

  @Test(arguments: EmbeddedWeights.allCases)
  func anArchitectureLoadsAndConvertsItsFiles(_ weights: EmbeddedWeights) throws {
    let file = try WeightFile(embedded: weights)
    let architecture = try file.requireArchitecture()
    #expect(architecture == weights.architecture)
    let engine = try Engine(threads: 1)
    let detector = try architecture.detector(weights: file, engine: engine)
    #expect(type(of: detector) == (weights == .yolov5 ? YOLOv5.self : MaskRCNN.self) as any Detector.Type)
    try architecture.convert(file, to: folder.file("converted.safetensors"))
    let converted = try WeightFile(path: folder.file("converted.safetensors"))
    #expect(try architecture.detector(weights: converted, engine: engine).labels == detector.labels)
    for precision in Precision.allCases where !architecture.precisions.contains(precision) {
      #expect(throws: TensorError.self) {
        try architecture.detector(weights: file, precision: precision, engine: engine)
      }
    }
    for other in Architecture.all where other != architecture {
      #expect(throws: WeightFileError.otherNetwork(path: file.path, found: file.network, expected: other)) {
        try other.detector(weights: file, engine: engine)
      }
      #expect(throws: WeightFileError.self) { try other.convert(file, to: folder.file("never.safetensors")) }
    }
    #expect(try !folder.files().contains("never.safetensors"))
  }

  /// A file with many tensors that no network has.
  @Test func manyTensors() throws {
    let tensors = (0..<50_000).map { SafetensorsWriter.Tensor(name: "block.\($0).weight", shape: [0], floats: []) }
    try SafetensorsWriter.write(tensors, to: folder.file("many.safetensors"))
    let file = try WeightFile(path: folder.file("many.safetensors"))
    #expect(
      file.network.description == "no network that Limn knows by the names of its tensors: block.0.weight, "
        + "block.1.weight, block.2.weight and 49997 more")
  }

  @Test(arguments: [
    (
      "models.yolo.SegmentationModel",
      "a YOLOv5 segmentation model, models.yolo.SegmentationModel, whose masks Limn does not support; train a detection "
        + "model with train.py instead of segment/train.py"
    ),
    ("models.yolo.ClassificationModel", "a classifier, models.yolo.ClassificationModel, which finds no boxes"),
    (
      "ultralytics.nn.tasks.ClassificationModel",
      "an Ultralytics network (YOLOv8 or later, or YOLOv5u), ultralytics.nn.tasks.ClassificationModel"
    ),
    (
      "models.experimental.Ensemble",
      "an ensemble of networks, models.experimental.Ensemble; save one of them by itself"
    ),
    ("torchvision.models.resnet.ResNet", "a torchvision.models.resnet.ResNet"),
  ])
  func classesTell(model: String, found: String) throws {
    // The head of a segmentation model keeps a function of its class, a classifier of Ultralytics a mode.
    let method = Pickle.attribute("forward", of: Pickle.global("models.yolo", "Detect"))
    let mode =
      Pickle.global("torchvision.transforms.functional", "InterpolationMode")
      + Pickle.tuple([Pickle.string("bilinear")])
      + Pickle.reduce
    let name = model.hasSuffix("Ensemble") ? "0.model.24.anchors" : "fc.weight"
    let parts = name.split(separator: ".").map(String.init)
    var module = Pickle.module(parameters: [(parts[parts.count - 1], Pickle.tensor())])
    for part in parts.dropLast().dropFirst().reversed() { module = Pickle.module([(part, module)]) }
    let whole = Pickle.module([(parts[0], module)], [("detect", method), ("transforms", mode)], of: model)
    let sentence = "FILE cannot be loaded: it is \(found); \(NetworkIdentity.loadable)"
    #expect(try sentences(checkpoint(whole)) == [sentence, sentence])
    #expect(try sentences(checkpoint(Pickle.dict([("model", whole)]))) == [sentence, sentence])
  }

  @Test func aFileWithoutTensorsIsNoNetwork() throws {
    #expect(try sentences(safetensors("{}"))[0].contains("it is not a network: it has no tensors; ") == true)
  }

  /// A variant that Limn does not run is named as such by the other network, too.
  @Test func theOtherNetworkIsNamed() throws {
    let plain = try WeightFile(path: SlimYOLOv5.stateDict)
    let engine = try Engine(threads: 1)
    #expect(
      throws: WeightFileError.otherNetwork(path: plain.path, found: .supported(.yolov5), expected: .maskRCNN)
    ) {
      try MaskRCNN(weights: plain, engine: engine)
    }
    let path = try folder.patched(SlimYOLOv5.fp16.path, "models.common\nSPPF\n", "models.common\nSPPX\n")
    #expect(throws: WeightFileError.unknownModule(path: path, module: "model.9", className: "models.common.SPPX")) {
      try MaskRCNN(weights: path, engine: engine)
    }
  }
}
