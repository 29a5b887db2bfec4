/// What a Mask R-CNN weight file says beside its layers.
struct MaskRCNNConfiguration: Sendable {
  /// The class names, the background first.
  var labels: [String]
  /// Of the batch normalizations.
  var epsilon: Double
  /// The sizes inside the network that the weights were made for.
  var sizes: (shorter: Int, longer: Int)

  /// Names come from the caller, else from the metadata of a safetensors file that `convert` wrote, else they are
  /// COCO's where there are 91 classes, else `class 1` and so on. Frozen normalizations, which count no training steps,
  /// have an epsilon of 0 as torchvision's published weights do, others 1e-5.
  init(_ weights: WeightReader, labels: [String]?) throws(WeightFileError) {
    let file = weights.file
    guard file.looksLikeMaskRCNN else {
      if file.entry("model.0.conv.weight") != nil {
        throw .unsupported(path: file.path, detail: "it is a YOLOv5, not a Mask R-CNN; use limn detect")
      }
      throw .missing(path: file.path, key: "backbone.body.conv1.weight")
    }
    try file.refuseSharing()
    let shape = try weights["roi_heads.box_predictor.cls_score"].shape(of: "weight")
    guard shape.count == 2, (2...10_000).contains(shape[0]) else {
      throw .malformed(
        path: file.path, detail: "roi_heads.box_predictor.cls_score.weight has shape \(shape), no classifier's")
    }
    let classes = shape[0]
    if let labels {
      self.labels = labels
    } else {
      self.labels = try Self.labels(file, classes: classes)
    }
    guard self.labels.count == classes else {
      throw .malformed(
        path: file.path,
        detail: "its tensors are made for \(classes) classes, the background included, but \(self.labels.count) are "
          + "named")
    }
    if let text = file.metadata["epsilon"] {
      guard let value = Double(text), value >= 0, value < 1 else {
        throw .malformed(path: file.path, detail: "the metadata's epsilon is '\(printable(text))'")
      }
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
    guard let text = file.metadata["names"] else {
      return classes == 91 ? cocoCategoryNames : ["__background__"] + (1..<classes).map { "class \($0)" }
    }
    do throws(FormatFault) {
      return try JSONScanner.strings(in: text, limit: 10_000)
    } catch {
      throw .malformed(path: file.path, detail: "the metadata's names are no list of texts")
    }
  }
}

/// COCO's categories by their official ids, 0 the background; `N/A` for the ids that were never used.
let cocoCategoryNames: [String] = {
  let unused: Set = [12, 26, 29, 30, 45, 66, 68, 69, 71, 83]
  var names = cocoNames.makeIterator()
  return ["__background__"] + (1...90).map { unused.contains($0) ? "N/A" : names.next() ?? "N/A" }
}()
