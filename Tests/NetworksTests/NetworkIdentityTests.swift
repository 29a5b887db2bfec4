import Tensor
import TestSupport
import Testing

@testable import Networks

/// Files of other networks, each with what it is.
struct NetworkIdentityTests {
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
    (
      ["conv1.weight", "bn1.weight", "bn1.bias", "fc.weight", "fc.bias"],
      "neither a YOLOv5 nor a Mask R-CNN by the names of its tensors: conv1.weight, bn1.weight, bn1.bias and 2 more"
    ),
    (
      ["backbone.body.conv1.weight"],
      "neither a YOLOv5 nor a Mask R-CNN by the names of its tensors: backbone.body.conv1.weight"
    ),
  ])
  func tensorsTell(names: [String], found: String) throws {
    let tensors = Pickle.dict(names.map { ($0, Pickle.tensor()) })
    let sentence = "FILE cannot be read: it is \(found); \(NetworkIdentity.loadable)"
    #expect(try sentences(checkpoint(tensors)) == [sentence, sentence])
    #expect(try sentences(checkpoint(Pickle.dict([("model_state_dict", tensors)]))) == [sentence, sentence])
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
    let sentence = "FILE cannot be read: it is \(found); \(NetworkIdentity.loadable)"
    #expect(try sentences(checkpoint(whole)) == [sentence, sentence])
    #expect(try sentences(checkpoint(Pickle.dict([("model", whole)]))) == [sentence, sentence])
  }

  @Test func aFileWithoutTensorsIsNoNetwork() throws {
    #expect(try sentences(safetensors("{}"))[0].contains("it is not a network: it has no tensors; ") == true)
  }

  /// `detect` and `segment` point to each other, unless the other could not run it either.
  @Test func theOtherCommandIsNamed() throws {
    let plain = try WeightFile(path: SlimYOLOv5.stateDict)
    let engine = try Engine(threads: 1)
    #expect(
      throws: WeightFileError.unsupported(
        path: plain.path, detail: "it is a YOLOv5, not a Mask R-CNN; use `limn detect`")
    ) {
      try MaskRCNN(weights: plain, engine: engine)
    }
    let path = try folder.patched(SlimYOLOv5.fp16.path, "models.common\nSPPF\n", "models.common\nSPPX\n")
    #expect(throws: WeightFileError.unknownModule(path: path, module: "model.9", className: "models.common.SPPX")) {
      try MaskRCNN(weights: path, engine: engine)
    }
  }
}
