/// The class names, anchors, strides and epsilon of a YOLOv5 weight file.
struct YOLOv5Configuration: Sendable, Hashable {
  /// The size of an anchor box in pixels of the network's input.
  struct Anchor: Sendable, Hashable {
    var width: Float
    var height: Float
  }

  /// The class names, in the order of the scores.
  var names: [String]
  /// The anchors of each level.
  var anchors: [[Anchor]]
  /// The size of a cell of each level, in pixels of the network's input.
  var strides: [Int]
  /// The epsilon of batch normalizations that do not store their own.
  var epsilon: Double

  /// YOLOv5's epsilon, set in `initialize_weights`; PyTorch's default is 1e-5.
  static let defaultEpsilon = 1e-3
}

extension YOLOv5Configuration {
  /// Reads names, anchors, strides and epsilon from a checkpoint's layers, or from the metadata of a safetensors file
  /// that `convert` wrote.
  ///
  /// A plain state dict has neither. Then the strides are 8, 16 and 32, the epsilon is 1e-3, and the names are those
  /// stored beside it, else COCO's if there are 80 classes, else `class 0`, `class 1` and so on.
  init(_ weights: WeightReader) throws(WeightFileError) {
    let file = weights.file
    try file.require(.yolov5)
    let head = weights["model"][24]
    let shape = try head.shape(of: "anchors")
    guard shape.count == 3, shape[0] == 3, (1...10).contains(shape[1]), shape[2] == 2 else {
      throw .misshapen(path: file.path, key: head.key("anchors"), expected: [3, 3, 2], found: shape)
    }
    let outputs = try head["m"][0].shape(of: "bias")
    guard let count = outputs.first, outputs.count == 1, count % shape[1] == 0,
      (1...Detection.labelLimits.count).contains(count / shape[1] - 5)
    else {
      throw .malformed(
        path: file.path,
        detail: "\(head["m"][0].key("bias")) has shape \(outputs), but a head with \(shape[1]) anchors has "
          + "\(shape[1]) * (5 + classes) outputs, for 1 to \(Detection.labelLimits.count) classes")
    }
    let classes = count / shape[1] - 5
    strides = try Self.strides(head)
    epsilon = try Self.epsilon(file)
    names = try Self.names(file, classes: classes)
    // The file has anchors in units of cells.
    let sizes = try head.floats("anchors", shape: shape)
    guard sizes.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw .malformed(path: file.path, detail: "an anchor in \(head.key("anchors")) does not have a positive size")
    }
    anchors = []
    for level in 0..<3 {
      let scale = Float(strides[level])
      anchors.append(
        (0..<shape[1]).map { index in
          let first = (level * shape[1] + index) * 2
          return Anchor(width: sizes[first] * scale, height: sizes[first + 1] * scale)
        })
    }
    // Releases before 6.0 stored the anchors a second time, in pixels.
    if head.contains("anchor_grid") { try head.skip("anchor_grid") }
  }

  private static func strides(_ head: WeightReader) throws(WeightFileError) -> [Int] {
    let file = head.file
    var found: [Double] = [8, 16, 32]
    if let attribute = head.module?.attributes["stride"] {
      guard let tensor = attribute.tensor, tensor.count <= 10 else {
        throw .unsupported(path: file.path, detail: "the strides of \(head.path) are not a tensor of up to 10 numbers")
      }
      found = try file.floats(of: tensor, name: head.key("stride")).map(Double.init)
    } else if let text = file.metadata["strides"] {
      found = text.split { "[, ]".contains($0) }.map { Double($0) ?? .nan }
    }
    guard found == [8, 16, 32] else {
      throw .unsupported(path: file.path, detail: "it is a YOLOv5 with strides \(found); only 8, 16, 32 are supported")
    }
    return [8, 16, 32]
  }

  private static func epsilon(_ file: WeightFile) throws(WeightFileError) -> Double {
    let isNormalization = { (module: WeightFile.Module) in module.className.hasSuffix("BatchNorm2d") }
    if let value = file.modules.first(where: isNormalization)?.attributes["eps"]?.double { return value }
    guard let text = file.metadata["epsilon"] else { return defaultEpsilon }
    guard let value = Double(text), value >= 0, value < 1 else {
      throw .malformed(
        path: file.path, detail: "the metadata's epsilon must be a number from 0 to below 1, got '\(printable(text))'")
    }
    return value
  }

  private static func names(_ file: WeightFile, classes: Int) throws(WeightFileError) -> [String] {
    if let found = try ClassNames.stated(file) {
      guard found.count == classes else {
        throw .malformed(
          path: file.path, detail: "it has \(found.count) class names, but its tensors are for \(classes) classes")
      }
      return found
    }
    if let found = try ClassNames.beside(file, counts: [classes]) { return found }
    return classes == 80 ? COCOCategory.names : (0..<classes).map { "class \($0)" }
  }
}
