/// The orientation of a stored image, numbered 1 to 8 as in EXIF's tag 0x0112. A case is named for the operation that
/// makes the image upright.
enum Orientation: Int {
  case upright = 1
  case mirror
  case rotateHalf
  case flip
  case transpose
  case rotateRight
  case transverse
  case rotateLeft

  /// Whether the upright image's width is the stored height.
  var swapsSides: Bool { rawValue >= 5 }

  /// Where stored pixels go in the upright image, in pixels: the index of the first one, and the steps from one stored
  /// column or row to the next.
  func placement(width: Int, height: Int) -> (first: Int, columnStep: Int, rowStep: Int) {
    switch self {
    case .upright: (0, 1, width)
    case .mirror: (width - 1, -1, width)
    case .rotateHalf: (width * height - 1, -1, -width)
    case .flip: (width * (height - 1), 1, -width)
    case .transpose: (0, height, 1)
    case .rotateRight: (height - 1, height, -1)
    case .transverse: (width * height - 1, -height, -1)
    case .rotateLeft: (height * (width - 1), -height, 1)
    }
  }

  /// Rotates stored samples, `[height][width][3]`, to upright ones: `[width][height][3]` if `swapsSides`, else
  /// `[height][width][3]`.
  func apply(to pixels: inout [UInt8], width: Int, height: Int) {
    precondition(pixels.count == width * height * 3, "\(pixels.count) samples for \(width)x\(height) pixels")
    guard self != .upright else { return }
    let (first, columnStep, rowStep) = placement(width: width, height: height)
    pixels = [UInt8](unsafeUninitializedCapacity: pixels.count) { [pixels] upright, count in
      for y in 0..<height {
        for x in 0..<width {
          let source = (y * width + x) * 3
          let target = (first + x * columnStep + y * rowStep) * 3
          upright[target] = pixels[source]
          upright[target + 1] = pixels[source + 1]
          upright[target + 2] = pixels[source + 2]
        }
      }
      count = pixels.count
    }
  }
}
