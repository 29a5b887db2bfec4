/// Checks that a weight file has the graph that `YOLOv5Network` builds.
enum YOLOv5Layout {
  /// The Python classes of layers 0 to 24, without their modules' names.
  private static let layers = [
    "Conv", "Conv", "C3", "Conv", "C3", "Conv", "C3", "Conv", "C3", "SPPF", "Conv", "Upsample", "Concat", "C3", "Conv",
    "Upsample", "Concat", "C3", "Conv", "Concat", "C3", "Conv", "Concat", "C3", "Detect",
  ]

  /// The Python classes of the modules inside the layers.
  private static let parts: Set<String> = [
    "Sequential", "ModuleList", "Bottleneck", "Conv2d", "BatchNorm2d", "SiLU", "MaxPool2d",
  ]

  /// Throws if the file has a variant with other layers.
  static func check(_ weights: WeightReader) throws(WeightFileError) {
    let file = weights.file
    guard !file.modules.isEmpty else { return }
    let known = Set(layers).union(parts)
    for module in file.modules where !module.path.isEmpty {
      guard known.contains(name(module)) else {
        throw .unknownModule(path: file.path, module: module.path, className: module.className)
      }
    }
    for (index, expected) in layers.enumerated() {
      let found = file.module("model.\(index)").map(name) ?? "nothing"
      guard found == expected else {
        throw .unsupported(
          path: file.path,
          detail: "layer model.\(index) is \(found), but YOLOv5 n, s, m, l, x of releases 6.0 to 7.0 has \(expected)"
        )
      }
      let source = sources[index].map { PickleValue.list($0.map(PickleValue.int)) } ?? .int(-1)
      let layer = weights["model"][index]
      try require("f", source, of: layer)
      switch expected {
      case "Concat": try require("d", .int(1), of: layer)
      case "Upsample":
        try require("scale_factor", .float(2), of: layer)
        try require("mode", .string("nearest"), of: layer)
      default: break
      }
    }
    if let extra = file.module("model.\(layers.count)") {
      throw .unsupported(
        path: file.path,
        detail: "it has the layer \(extra.path), \(extra.className), beyond the 25 layers of YOLOv5 n, s, m, l and x")
    }
  }

  /// The layers whose inputs are not only the layer before.
  private static let sources: [Int: [Int]] = [
    12: [-1, 6], 16: [-1, 4], 19: [-1, 14], 22: [-1, 10], 24: [17, 20, 23],
  ]

  /// Throws if an attribute of a pickled layer differs from the graph here, which the shapes alone do not show. Files
  /// without modules have no attributes.
  static func require(_ attribute: String, _ expected: PickleValue, of layer: WeightReader) throws(WeightFileError) {
    guard let found = layer.module?.attributes[attribute], found != expected else { return }
    throw .unsupported(
      path: layer.file.path,
      detail: "\(layer.path) has the \(attribute) \(text(found)), but YOLOv5 has \(text(expected))")
  }

  /// Throws if the stride, padding or dilation of a pickled convolution differs from the graph here.
  static func requireGeometry(kernel: Int, stride: Int, of layer: WeightReader) throws(WeightFileError) {
    for (attribute, value) in [("stride", stride), ("padding", (kernel - 1) / 2), ("dilation", 1)] {
      try require(attribute, .tuple([.int(value), .int(value)]), of: layer)
    }
  }

  private static func text(_ value: PickleValue) -> String {
    if let elements = value.elements { return "[\(elements.prefix(10).map(text).joined(separator: ", "))]" }
    if let string = value.string { return "'\(printable(string))'" }
    return value.bool?.description ?? value.int?.description ?? value.double?.description ?? "of another kind"
  }

  private static func name(_ module: WeightFile.Module) -> String {
    module.className.split(separator: ".").last.map(String.init) ?? ""
  }
}
