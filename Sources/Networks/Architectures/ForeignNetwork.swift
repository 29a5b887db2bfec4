/// The networks that Limn recognises but does not run, each as the end of a sentence that begins with “it is”.
enum ForeignNetwork {
  /// The network that the classes of pickled layers show; nil if they do not show any of these.
  static func byClass(_ traces: NetworkTraces) -> String? {
    guard let model = traces.model else { return nil }
    let name = printable(model.className)
    if let layer = traces.layer(ofPackage: "ultralytics") { return "\(ultralytics), \(printable(layer.className))" }
    switch model.className.split(separator: ".").last {
    case "SegmentationModel": return segmentation(", \(name),")
    case "ClassificationModel": return "a classifier, \(name), which finds no boxes"
    case "Ensemble": return "an ensemble of networks, \(name); save one of them by itself"
    default: break
    }
    return traces.className(at: "model.0") == "Focus" ? before6 : nil
  }

  /// The network that the names of tensors show; nil if they do not show any of these.
  static func byTensors(_ traces: NetworkTraces) -> String? {
    if let found = networks.first(where: { $0.matches(traces) }) { return found.description }
    guard let anchors = traces.anchors, anchors != "model.24.anchors" else { return nil }
    return "a YOLO whose anchors are \(anchors), not model.24.anchors: a YOLOv5 P6 or a relative"
  }

  private typealias Network = (description: String, matches: @Sendable (NetworkTraces) -> Bool)

  /// In the order in which they are tried.
  private static let networks: [Network] = [
    ("a network of Detectron2", { $0.has(prefix: "backbone.bottom_up.") }),
    ("a network of MMDetection", { $0.has(prefix: "roi_head.") || $0.has(prefix: "bbox_head.") }),
    (
      "a Mask R-CNN whose backbone is not a ResNet",
      { $0.has(prefix: "roi_heads.mask_") && !$0.has("backbone.body.conv1.weight") }
    ),
    (
      "a Keypoint R-CNN, which finds boxes and key points, but no masks",
      { $0.has(prefix: "roi_heads.keypoint_") && !$0.has(prefix: "roi_heads.mask_") }
    ),
    (
      "a Faster R-CNN, which finds boxes, but no masks",
      { $0.has(prefix: "roi_heads.") && !$0.has(prefix: "roi_heads.mask_") }
    ),
    ("an SSD of torchvision", { $0.has(prefix: "head.classification_head.module_list.") }),
    ("an FCOS of torchvision", { $0.has(prefix: "head.regression_head.bbox_ctrness.") }),
    ("a RetinaNet of torchvision", { $0.has(prefix: "head.classification_head.") }),
    ("a DETR, which has a transformer", { $0.has("class_embed.weight") && $0.has(prefix: "transformer.") }),
    ("a YOLOX", { $0.has(prefix: "head.cls_preds.") }),
    (ultralytics, { $0.has(suffix: ".dfl.conv.weight") || $0.has(suffix: ".one2one_cv2.0.0.conv.weight") }),
    (segmentation(), { $0.has(prefix: "model.24.proto.") }),
    (before6, { $0.has(prefix: "model.0.conv.conv.") }),
    (
      "a classifier of YOLOv5 or Ultralytics, which finds no boxes",
      { $0.has("model.9.linear.weight") || $0.has("model.10.linear.weight") }
    ),
    (
      "a ResNet that classifies images and finds no boxes",
      { $0.has("layer1.0.conv1.weight") && $0.has("fc.weight") }
    ),
    (
      "a network of torchvision that classifies images and finds no boxes",
      { $0.has(prefix: "features.0.") && $0.has(prefix: "classifier.") }
    ),
  ]

  private static let ultralytics = "an Ultralytics network (YOLOv8 or later, or YOLOv5u)"

  private static func segmentation(_ name: String = "") -> String {
    "a YOLOv5 segmentation model\(name) whose masks Limn does not support; train a detection model with train.py "
      + "instead of segment/train.py"
  }

  private static let before6 = "a YOLOv5 of a release before 6.0, whose first layer is a Focus"
}
