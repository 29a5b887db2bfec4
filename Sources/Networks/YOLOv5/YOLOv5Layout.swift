/// Which files hold the graph that `YOLOv5Network` rebuilds.
enum YOLOv5Layout {
  /// The classes of layers 0 to 24, without their modules' names.
  private static let layers = [
    "Conv", "Conv", "C3", "Conv", "C3", "Conv", "C3", "Conv", "C3", "SPPF", "Conv", "Upsample", "Concat", "C3", "Conv",
    "Upsample", "Concat", "C3", "Conv", "Concat", "C3", "Conv", "Concat", "C3", "Detect",
  ]

  /// The classes of the parts inside.
  private static let parts: Set<String> = [
    "Sequential", "ModuleList", "Bottleneck", "Conv2d", "BatchNorm2d", "SiLU", "MaxPool2d",
  ]

  /// Throws where the file is of another network, or of a variant with other layers.
  static func check(_ file: WeightFile) throws(WeightFileError) {
    if file.entry("backbone.body.conv1.weight") != nil {
      throw .unsupported(path: file.path, detail: "it is a Mask R-CNN, not a YOLOv5; use limn segment")
    }
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
          detail: "layer model.\(index) is \(found), where YOLOv5 n, s, m, l, x of releases 6.0 to 7.0 have \(expected)"
        )
      }
    }
    if let extra = file.module("model.\(layers.count)") {
      throw .unsupported(
        path: file.path,
        detail: "it has a layer \(extra.path), \(extra.className), beyond the 25 of YOLOv5 n, s, m, l and x")
    }
  }

  private static func name(_ module: WeightFile.Module) -> String {
    module.className.split(separator: ".").last.map(String.init) ?? ""
  }
}
