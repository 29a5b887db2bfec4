import Tensor

/// Anchor boxes: three shapes of equal area at every pixel of a level. Matches torchvision's `AnchorGenerator`.
struct AnchorGenerator: Sendable {
  /// The square root of the area at each level, in pixels of the input.
  static let sizes: [Float] = [32, 64, 128, 256, 512]
  /// The ratios of height to width.
  static let ratios: [Float] = [0.5, 1, 2]

  /// The shapes of each level, centred on 0, with edges rounded to whole pixels, ties to even.
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

  /// The anchor with index `(y * width + x) * 3 + ratio` on a level's map, in pixels of the input of size `padded`.
  ///
  /// The step between anchors is an integer quotient, which on the last level may be less than its stride.
  func anchor(_ index: Int, level: Int, map: Shape, padded: (width: Int, height: Int)) -> Box {
    let shape = shapes[level][index % Self.ratios.count]
    let pixel = index / Self.ratios.count
    let x = Float(pixel % map.width * (padded.width / map.width))
    let y = Float(pixel / map.width * (padded.height / map.height))
    return Box(x1: x + shape.x1, y1: y + shape.y1, x2: x + shape.x2, y2: y + shape.y2)
  }
}
