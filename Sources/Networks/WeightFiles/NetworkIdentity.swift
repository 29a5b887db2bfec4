/// The network in a weight file, according to the classes of its layers and the names of its tensors.
enum NetworkIdentity: Sendable, Hashable {
  /// A YOLOv5, or a network so similar that the differences can be named.
  case yolov5
  /// torchvision's Mask R-CNN on a ResNet, or a network so similar that the differences can be named.
  case maskRCNN
  /// A network that Limn does not run, with a sentence that says what it is, and which networks Limn runs.
  case other(String)

  init(_ file: WeightFile) {
    if let found = Self.classes(of: file) ?? Self.names(in: file) {
      self = .other("it is \(found); \(Self.loadable)")
    } else if file.entry("backbone.body.conv1.weight") != nil {
      self = .maskRCNN
    } else {
      self = .yolov5
    }
  }

  /// The networks that Limn runs, as the end of a sentence.
  static let loadable =
    "Limn runs YOLOv5 n, s, m, l and x of releases 6.0 to 7.0, and torchvision's maskrcnn_resnet50_fpn and _v2"

  /// The name of another network according to the classes of pickled layers; nil if they do not show any.
  private static func classes(of file: WeightFile) -> String? {
    guard let model = file.modules.first else { return nil }
    let name = printable(model.className)
    if let layer = file.modules.first(where: { $0.className.utf8.starts(with: "ultralytics.".utf8) }) {
      return ultralytics(", \(printable(layer.className))")
    }
    switch model.className.split(separator: ".").last {
    case "SegmentationModel": return segmentation(", \(name),")
    case "ClassificationModel": return "a classifier, \(name), which finds no boxes"
    case "Ensemble": return "an ensemble of networks, \(name); save one of them by itself"
    default: break
    }
    if file.module("model.0")?.className.split(separator: ".").last == "Focus" { return before6 }
    return nil
  }

  private static func ultralytics(_ name: String = "") -> String {
    "an Ultralytics network (YOLOv8 or later, or YOLOv5u)\(name)"
  }

  private static func segmentation(_ name: String = "") -> String {
    "a YOLOv5 segmentation model\(name) whose masks Limn does not support; train a detection model with train.py "
      + "instead of segment/train.py"
  }

  private static let before6 = "a YOLOv5 of a release before 6.0, whose first layer is a Focus"

  /// The name of another network according to the names of the tensors; nil if they are those of a network that Limn
  /// runs.
  private static func names(in file: WeightFile) -> String? {
    guard let model = file.modules.first else { return tensors(of: file) }
    // For YOLOv5's own classes, the check of the layers gives the better error.
    let isYOLO = model.className.split(separator: ".").dropLast().suffix(2) == ["models", "yolo"]
    return isYOLO || tensors(of: file) == nil ? nil : "a \(printable(model.className))"
  }

  private static func tensors(of file: WeightFile) -> String? {
    func has(_ start: String) -> Bool { file.entries.contains { $0.name.utf8.starts(with: start.utf8) } }
    func ends(_ end: String) -> Bool {
      file.entries.contains { $0.name.utf8.suffix(end.utf8.count).elementsEqual(end.utf8) }
    }

    if has("roi_heads.mask_") {
      return file.entry("backbone.body.conv1.weight") != nil ? nil : "a Mask R-CNN whose backbone is not a ResNet"
    }
    if has("roi_heads.keypoint_") { return "a Keypoint R-CNN, which finds boxes and key points, but no masks" }
    if has("roi_heads.") { return "a Faster R-CNN, which finds boxes, but no masks" }
    if has("head.classification_head.module_list.") { return "an SSD of torchvision" }
    if has("head.regression_head.bbox_ctrness.") { return "an FCOS of torchvision" }
    if has("head.classification_head.") { return "a RetinaNet of torchvision" }
    if ends(".dfl.conv.weight") { return ultralytics() }
    if has("model.24.proto.") { return segmentation() }
    if has("model.0.conv.conv.") { return before6 }
    let anchors = file.entries.lazy.map(\.name).first(where: Self.isAnchors)
    if let anchors, anchors != "model.24.anchors" {
      return "a YOLO whose anchors are \(anchors), not model.24.anchors: a YOLOv5 P6 or a relative"
    }
    // Similar to a YOLOv5: building it names the missing tensors.
    if has("model.24.") || file.entry("model.0.conv.weight") != nil { return nil }
    let shown = file.entries.prefix(3).map { printable($0.name) }.joined(separator: ", ")
    let more = file.entries.count > 3 ? " and \(file.entries.count - 3) more" : ""
    return shown.isEmpty
      ? "not a network: it has no tensors"
      : "neither a YOLOv5 nor a Mask R-CNN by the names of its tensors: \(shown)\(more)"
  }

  /// Whether a tensor is named `model.<number>.anchors`.
  private static func isAnchors(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[0] == "model" && parts[2] == "anchors" && Int(parts[1]) != nil
  }
}
