extension Architecture {
  /// Mask R-CNN with ResNet-50 and a feature pyramid, torchvision's `maskrcnn_resnet50_fpn` and `_v2`.
  public static let maskRCNN = Architecture(
    name: "Mask R-CNN", output: .masks, precisions: [.float32, .bfloat16],
    variants: "torchvision's maskrcnn_resnet50_fpn and _v2",
    landmarks: ["backbone.body.conv1.weight"],
    recognizes: { $0.has(prefix: "roi_heads.mask_") && $0.has("backbone.body.conv1.weight") },
    check: { _ in },
    hasFrozenNormalizations: { MaskRCNNConfiguration.hasFrozenNormalizations($0) },
    load: { try MaskRCNN(weights: $0, precision: $1, engine: $2) },
    rewrite: { try MaskRCNN.convert($0, to: $1) })
}
