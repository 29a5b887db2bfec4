/// What a Mask R-CNN weight file says beside its layers.
struct MaskRCNNConfiguration: Sendable {
  /// The class names, the background first.
  var labels: [String]
  /// Of the batch normalizations.
  var epsilon: Double
  /// The sizes inside the network that the weights were made for.
  var sizes: (shorter: Int, longer: Int)

  /// Names come from the caller, else from the metadata of a safetensors file that `convert` wrote, else from what lies
  /// beside a state dict, with or without the background, else they are COCO's where there are 91 classes, else
  /// `class 1` and so on. The epsilon is the layers' own where the file has any; else frozen normalizations, which count
  /// no training steps, have 0 as torchvision's published weights do, others 1e-5.
  init(_ weights: WeightReader, labels: [String]?) throws(WeightFileError) {
    let file = weights.file
    switch NetworkIdentity(file) {
    case .maskRCNN: break
    case .yolov5:
      // Nor does `limn detect` take each of its variants.
      try YOLOv5Layout.check(weights)
      throw .unsupported(path: file.path, detail: "it is a YOLOv5, not a Mask R-CNN; use limn detect")
    case .other(let found): throw .unsupported(path: file.path, detail: found)
    }
    try file.refuseSharing()
    let shape = try weights["roi_heads.box_predictor.cls_score"].shape(of: "weight")
    guard shape.count == 2, (2...Detection.labelLimits.count).contains(shape[0]) else {
      throw .malformed(
        path: file.path, detail: "roi_heads.box_predictor.cls_score.weight has shape \(shape), no classifier's")
    }
    let classes = shape[0]
    if let labels {
      guard labels.count == classes else {
        throw .wrongLabels(path: file.path, needed: classes - 1, given: max(labels.count - 1, 0))
      }
      self.labels = labels
    } else {
      self.labels = try Self.labels(file, classes: classes)
    }
    if let text = file.metadata["epsilon"] {
      guard let value = Double(text), value >= 0, value < 1 else {
        throw .malformed(path: file.path, detail: "the metadata's epsilon is '\(printable(text))'")
      }
      epsilon = value
    } else if let value = file.modules.first(where: { $0.className.hasSuffix("BatchNorm2d") })?.attributes["eps"]?
      .double
    {
      epsilon = value
    } else {
      epsilon = file.hasFrozenNormalizations ? 0 : 1e-5
    }
    sizes = (try Self.size("min_size", in: file) ?? 800, try Self.size("max_size", in: file) ?? 1333)
  }

  private static func size(_ key: String, in file: WeightFile) throws(WeightFileError) -> Int? {
    guard let text = file.metadata[key] else { return nil }
    guard let value = Int(text), MaskRCNN.Options.sizes.contains(value) else {
      throw .malformed(path: file.path, detail: "the metadata's \(key) is '\(printable(text))'")
    }
    return value
  }

  private static func labels(_ file: WeightFile, classes: Int) throws(WeightFileError) -> [String] {
    let background = "__background__"
    if let found = try ClassNames.metadata(file) {
      guard found.count == classes || found.count == classes - 1 else {
        throw .malformed(
          path: file.path,
          detail: "its tensors are made for \(classes) classes, the background included, but \(found.count) are named")
      }
      return found.count == classes ? found : [background] + found
    }
    if let found = try ClassNames.beside(file, counts: [classes, classes - 1]) {
      return found.count == classes ? found : [background] + found
    }
    return classes == 91 ? COCOCategory.namesByID : [background] + (1..<classes).map { "class \($0)" }
  }
}
