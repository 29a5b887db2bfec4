/// Which network a weight file holds, as far as the classes of its layers and the names of its tensors tell.
enum NetworkIdentity: Sendable, Hashable {
  /// A YOLOv5, or something that comes so near that what is missing of one can be named.
  case yolov5
  /// torchvision's Mask R-CNN on a ResNet, likewise.
  case maskRCNN
  /// A network that Limn does not run: what it is, and what loads instead.
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

  /// What loads, as the end of a sentence.
  static let loadable =
    "YOLOv5 n, s, m, l and x of releases 6.0 to 7.0 and torchvision's maskrcnn_resnet50_fpn and _v2 load"

  /// What the classes of pickled layers say of another network; nil where they say nothing.
  private static func classes(of file: WeightFile) -> String? {
    guard let model = file.modules.first else { return nil }
    let name = printable(model.className)
    if let layer = file.modules.first(where: { $0.className.utf8.starts(with: "ultralytics.".utf8) }) {
      return ultralytics(", \(printable(layer.className))")
    }
    switch model.className.split(separator: ".").last {
    case "SegmentationModel": return segmentation(", \(name),")
    case "ClassificationModel": return "a classifier, \(name), which finds no boxes"
    case "Ensemble": return "an ensemble of networks, \(name), of which one must be saved by itself"
    default: break
    }
    if file.module("model.0")?.className.split(separator: ".").last == "Focus" { return before6 }
    return nil
  }

  private static func ultralytics(_ name: String = "") -> String {
    "an Ultralytics network (YOLOv8 or later, or YOLOv5u)\(name)"
  }

  private static func segmentation(_ name: String = "") -> String {
    "a YOLOv5 segmentation model\(name) whose masks Limn does not run; one trained by train.py, not by "
      + "segment/train.py, finds boxes"
  }

  private static let before6 = "a YOLOv5 of a release before 6.0, whose first layer is a Focus"

  /// What the names of the tensors say of another network; nil where they are those of one that Limn runs.
  private static func names(in file: WeightFile) -> String? {
    guard let model = file.modules.first else { return tensors(of: file) }
    // Of YOLOv5's own classes the layers say best what does not fit.
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
    // Nearly a YOLOv5: the tensors that it lacks are named one by one.
    if has("model.24.") || file.entry("model.0.conv.weight") != nil { return nil }
    let shown = file.entries.prefix(3).map { printable($0.name) }.joined(separator: ", ")
    let more = file.entries.count > 3 ? " and \(file.entries.count - 3) more" : ""
    return shown.isEmpty
      ? "no network: it holds no tensors"
      : "neither a YOLOv5 nor a Mask R-CNN by the names of its tensors: \(shown)\(more)"
  }

  /// Whether a tensor is named `model.`, a number, `.anchors`.
  private static func isAnchors(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[0] == "model" && parts[2] == "anchors" && Int(parts[1]) != nil
  }
}
