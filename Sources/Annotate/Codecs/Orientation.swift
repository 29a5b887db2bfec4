/// How the stored picture lies, numbered as EXIF's tag 0x0112, 1 to 8; named by what brings it upright.
enum Orientation: Int {
  case upright = 1
  case mirror
  case rotateHalf
  case flip
  case transpose
  case rotateRight
  case transverse
  case rotateLeft

  /// Whether the upright picture's width is the stored height.
  var swapsSides: Bool { rawValue >= 5 }

  /// Turns stored samples `[height][width][3]` into upright ones, `[width][height][3]` where `swapsSides`.
  func apply(to pixels: inout [UInt8], width: Int, height: Int) {
    precondition(pixels.count == width * height * 3, "\(pixels.count) samples for \(width)x\(height) pixels")
    guard self != .upright else { return }
    let (start, columnStep, rowStep) = walk(width: width, height: height)
    let (uprightWidth, uprightHeight) = swapsSides ? (height, width) : (width, height)
    pixels = [UInt8](unsafeUninitializedCapacity: pixels.count) { [pixels] upright, count in
      pixels.withUnsafeBufferPointer { stored in
        // Square tiles keep the walk down stored columns in cache.
        let side = 32
        for top in stride(from: 0, to: uprightHeight, by: side) {
          for left in stride(from: 0, to: uprightWidth, by: side) {
            for y in top..<min(top + side, uprightHeight) {
              var source = (start + y * rowStep + left * columnStep) * 3
              var target = (y * uprightWidth + left) * 3
              for _ in left..<min(left + side, uprightWidth) {
                upright[target] = stored[source]
                upright[target + 1] = stored[source + 1]
                upright[target + 2] = stored[source + 2]
                source += columnStep * 3
                target += 3
              }
            }
          }
        }
      }
      count = pixels.count
    }
  }

  /// The stored pixel of the upright picture's first one, and how far the stored pixel moves with each upright column
  /// and row.
  private func walk(width: Int, height: Int) -> (start: Int, columnStep: Int, rowStep: Int) {
    let topRight = width - 1
    let bottomLeft = (height - 1) * width
    let bottomRight = height * width - 1
    return switch self {
    case .upright: (0, 1, width)
    case .mirror: (topRight, -1, width)
    case .rotateHalf: (bottomRight, -1, -width)
    case .flip: (bottomLeft, 1, -width)
    case .transpose: (0, width, 1)
    case .rotateRight: (bottomLeft, -width, 1)
    case .transverse: (bottomRight, -width, -1)
    case .rotateLeft: (topRight, width, -1)
    }
  }
}
