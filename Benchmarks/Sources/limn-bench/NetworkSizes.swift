import Annotate

/// The sizes to which images are scaled for a network, in pixels.
struct NetworkSizes {
  /// YOLOv5: the longer side.
  var size = 640
  /// Mask R-CNN: the shorter side; nil for that of the weights.
  var minSize: Int?
  /// Mask R-CNN: the longest side; nil for that of the weights.
  var maxSize: Int?
}

extension Detector {
  /// Detects the objects in an image, scaled to the network's own size among the given ones.
  func detect(_ image: Image, sizes: NetworkSizes) throws -> [Detection] {
    switch self {
    case let network as YOLOv5: try network.detect(image, options: .init(size: sizes.size))
    case let network as MaskRCNN:
      try network.detect(image, options: .init(minSize: sizes.minSize, maxSize: sizes.maxSize))
    default: try detect(image)
    }
  }
}
