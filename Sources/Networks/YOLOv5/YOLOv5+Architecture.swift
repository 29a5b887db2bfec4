extension Architecture {
  /// YOLOv5 n, s, m, l and x of releases 6.0 to 7.0.
  public static let yolov5 = Architecture(
    name: "YOLOv5", output: .boxes, precisions: [.float32, .bfloat16, .int8],
    variants: "YOLOv5 n, s, m, l and x of releases 6.0 to 7.0",
    landmarks: ["model.24.anchors", "model.24.m.0.weight"],
    pythonModules: ["models.yolo"],
    recognizes: { $0.has(prefix: "model.24.") || $0.has("model.0.conv.weight") },
    check: { (file) throws(WeightFileError) in try YOLOv5Layout.check(WeightReader(file)) },
    load: { try YOLOv5(weights: $0, precision: $1, engine: $2) },
    rewrite: { try YOLOv5.convert($0, to: $1, adding: [:]) })
}
