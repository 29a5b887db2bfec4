import Tensor

/// Anchor boxes: at every pixel of a level three shapes of one area (torchvision's `AnchorGenerator`).
struct AnchorGenerator: Sendable {
  /// The side of the square of the same area, for each level, in pixels of the input.
  static let sizes: [Float] = [32, 64, 128, 256, 512]
  /// Height over width.
  static let ratios: [Float] = [0.5, 1, 2]

  /// For each level the shapes centred on 0, edges rounded to whole pixels, halves to even.
  private let shapes: [[Box]]

  init() {
    shapes = Self.sizes.map { size in
      Self.ratios.map { ratio in
        let heightRatio = ratio.squareRoot()
        let (width, height) = (1 / heightRatio * size, heightRatio * size)
        func edge(_ value: Float) -> Float { (value / 2).rounded(.toNearestOrEven) }
        return Box(x1: edge(-width), y1: edge(-height), x2: edge(width), y2: edge(height))
      }
    }
  }

  /// The anchor of index `(y * width + x) * 3 + ratio` on a level's map; `padded` the input's size. The
  /// step between anchors is a whole division, which on the last level may be less than its stride.
  func anchor(_ index: Int, level: Int, map: Shape, padded: (width: Int, height: Int)) -> Box {
    let shape = shapes[level][index % Self.ratios.count]
    let pixel = index / Self.ratios.count
    let x = Float(pixel % map.width * (padded.width / map.width))
    let y = Float(pixel / map.width * (padded.height / map.height))
    return Box(x1: x + shape.x1, y1: y + shape.y1, x2: x + shape.x2, y2: y + shape.y2)
  }
}
