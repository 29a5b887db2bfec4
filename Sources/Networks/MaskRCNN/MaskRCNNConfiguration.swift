/// The class names, epsilon and image sizes of a Mask R-CNN weight file.
struct MaskRCNNConfiguration: Sendable {
  /// The class names, with the background first.
  var labels: [String]
  /// The epsilon of the batch normalizations.
  var epsilon: Double
  /// The sizes, in pixels, to which the weights expect an image's shorter and longer side to be scaled.
  var sizes: (shorter: Int, longer: Int)

  /// Reads the configuration.
  ///
  /// The names are those of the caller, else those in the metadata of a safetensors file that `convert` wrote, else
  /// those stored beside a state dict, with or without the background, else COCO's if there are 91 classes, else
  /// `class 1` and so on. The epsilon is that of the layers, if the file has layers. Else it is 0 for frozen
  /// normalizations, which count no training steps, as in torchvision's published weights, and 1e-5 for others.
  init(_ weights: WeightReader, labels: [String]?) throws(WeightFileError) {
    let file = weights.file
    try file.require(.maskRCNN)
    let shape = try weights["roi_heads.box_predictor.cls_score"].shape(of: "weight")
    guard shape.count == 2, (2...Detection.labelLimits.count).contains(shape[0]) else {
      throw .malformed(
        path: file.path,
        detail: "roi_heads.box_predictor.cls_score.weight has shape \(shape), not that of a classifier with 2 to "
          + "\(Detection.labelLimits.count) classes")
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
        throw .malformed(
          path: file.path,
          detail: "the metadata's epsilon must be a number from 0 to below 1, got '\(printable(text))'")
      }
      epsilon = value
    } else if let value = file.modules.first(where: { $0.className.hasSuffix("BatchNorm2d") })?.attributes["eps"]?
      .double
    {
      epsilon = value
    } else {
      epsilon = Self.hasFrozenNormalizations(file) ? 0 : 1e-5
    }
    sizes = (try Self.size("min_size", in: file) ?? 800, try Self.size("max_size", in: file) ?? 1333)
  }

  /// Whether the normalizations of the ResNet are frozen, as in torchvision's `maskrcnn_resnet50_fpn`: they count no
  /// training steps and have an epsilon of 0.
  static func hasFrozenNormalizations(_ file: WeightFile) -> Bool {
    guard file.entry("backbone.body.conv1.weight") != nil else { return false }
    if let text = file.metadata["epsilon"] { return Double(text) == 0 }
    let isTrained = file.entry("backbone.body.bn1.num_batches_tracked") != nil
    return !isTrained && file.entry("backbone.fpn.inner_blocks.0.1.running_mean") == nil
  }

  private static func size(_ key: String, in file: WeightFile) throws(WeightFileError) -> Int? {
    guard let text = file.metadata[key] else { return nil }
    guard let value = Int(text), MaskRCNN.Options.sizes.contains(value) else {
      let range = MaskRCNN.Options.sizes
      throw .malformed(
        path: file.path,
        detail: "the metadata's \(key) must be \(range.lowerBound) to \(range.upperBound), got '\(printable(text))'")
    }
    return value
  }

  private static func labels(_ file: WeightFile, classes: Int) throws(WeightFileError) -> [String] {
    let background = Detection.backgroundLabel
    if let found = try ClassNames.metadata(file) {
      guard found.count == classes || found.count == classes - 1 else {
        throw .malformed(
          path: file.path,
          detail: "its tensors are for \(classes) classes, the background included, but it has \(found.count) class "
            + "name\(found.count == 1 ? "" : "s")")
      }
      return found.count == classes ? found : [background] + found
    }
    if let found = try ClassNames.beside(file, counts: [classes, classes - 1]) {
      return found.count == classes ? found : [background] + found
    }
    return classes == 91 ? COCOCategory.namesByID : [background] + (1..<classes).map { "class \($0)" }
  }
}
