import Glibc
import Tensor

/// A Gaussian blur with weights of 8 bits. Borders are mirrored without repeating the edge pixel.
///
/// Matches OpenCV's `GaussianBlur` of 8-bit images in every byte.
public struct GaussianBlur: Sendable, Hashable {
  /// The largest kernel size, in pixels.
  public static let largestSize = 31

  /// The height and width of the kernel in pixels, odd, 1 to `largestSize`.
  public let size: Int
  /// The standard deviation in pixels; 0 to derive it from the size, as OpenCV does.
  public let sigma: Double
  /// The left half of the weights and the centre, in units of 2^-8.
  let weights: [UInt16]

  /// Makes a blur.
  ///
  /// - Throws: `SceneError.invalidParameter` for a size that is even or not 1 to `largestSize`, or a standard deviation
  ///   that is negative or not finite.
  public init(size: Int, sigma: Double = 0) throws(SceneError) {
    guard (1...Self.largestSize).contains(size), !size.isMultiple(of: 2) else {
      throw .invalidParameter("the size of a Gaussian blur must be odd, 1 to \(Self.largestSize), got \(size)")
    }
    guard sigma >= 0, sigma.isFinite else {
      throw .invalidParameter("the standard deviation of a Gaussian blur must be at least 0, got \(sigma)")
    }
    self.size = size
    self.sigma = sigma
    weights = Self.weights(size: size, sigma: sigma)
  }

  /// Blurs an image. An image one pixel wide is blurred only vertically, one that is one pixel high only horizontally.
  public func callAsFunction(_ image: GrayImage, engine: Engine) -> GrayImage {
    GrayImage(like: (image.width, image.height)) { target in
      engine.withWorkspace { workspace in image.withPlane { blur($0, into: target, workspace) } }
    }
  }

  func blur(_ source: Plane, into target: Plane, _ workspace: Workspace) {
    let (width, height) = (source.width, source.height)
    let across = width > 1 ? weights : [256]
    let down = height > 1 ? weights : [256]
    let (columns, rows) = (across.count - 1, down.count - 1)
    let ring = 2 * rows + 1
    let kernels = workspace.kernels.circles
    workspace.arena.scope {
      let scratch = workspace.perWorker {
        Scratch(
          padded: workspace.allocate(UInt8.self, width + 2 * columns),
          sums: workspace.allocate(UInt16.self, ring * width), totals: workspace.allocate(UInt32.self, width),
          rows: workspace.allocate(UnsafePointer<UInt16>.self, ring))
      }
      across.withUnsafeBufferPointer { across in
        down.withUnsafeBufferPointer { down in
          guard let acrossBase = across.baseAddress, let downBase = down.baseAddress else { return }
          nonisolated(unsafe) let (across, down) = (acrossBase, downBase)
          workspace.parallel(rows: height, band: 64) { worker, band in
            let scratch = scratch[worker]
            // The window moves down; a blurred source row stays in the ring while it is needed.
            var next = max(band.lowerBound - rows, 0)
            for y in band {
              let end = min(y + rows, height - 1)
              while next <= end {
                pad(source.row(next), width, by: columns, into: scratch.padded)
                kernels.smoothRow(
                  SmoothRowOperands(
                    source: scratch.padded, weights: across, radius: columns,
                    target: scratch.sums + next % ring * width, count: width))
                next += 1
              }
              for tap in 0..<ring {
                let row = mirrored(y + tap - rows, height)
                scratch.rows[tap] = UnsafePointer(scratch.sums + row % ring * width)
              }
              kernels.smoothColumns(
                SmoothColumnsOperands(
                  rows: scratch.rows, weights: down, radius: rows, sums: scratch.totals, target: target.row(y),
                  count: width))
            }
          }
        }
      }
    }
  }

  private struct Scratch {
    let padded: UnsafeMutablePointer<UInt8>
    let sums: UnsafeMutablePointer<UInt16>
    let totals: UnsafeMutablePointer<UInt32>
    let rows: UnsafeMutablePointer<UnsafePointer<UInt16>>
  }

  private func pad(
    _ row: UnsafePointer<UInt8>, _ width: Int, by radius: Int, into padded: UnsafeMutablePointer<UInt8>
  ) {
    for x in 0..<radius {
      padded[x] = row[mirrored(x - radius, width)]
      padded[radius + width + x] = row[mirrored(width + x, width)]
    }
    (padded + radius).update(from: row, count: width)
  }

  /// The weights of OpenCV's `getGaussianKernel`, rounded from the outermost to the centre. Each rounding error is
  /// added to the next weight, and the centre takes the rest.
  private static func weights(size: Int, sigma: Double) -> [UInt16] {
    let half = size / 2
    if sigma == 0, let table = tabulated[size] { return table }
    let sigma = sigma > 0 ? sigma : 0.15 * Double(size) + 0.35
    let scale = -0.125 / (sigma * sigma)
    let values = (0..<half).map { index in
      let x = Double(1 - size + 2 * index)
      return exp(x * x * scale)
    }
    let factor = 1 / (2 * values.reduce(0, +) + 1)
    var error = 0.0
    var weights: [UInt16] = []
    for value in values {
      let exact = value * factor * 256 + error
      let rounded = exact.rounded(.toNearestOrEven)
      error = exact - rounded
      weights.append(UInt16(rounded))
    }
    return weights + [256 - 2 * weights.reduce(0, +)]
  }

  /// OpenCV's weights for small sizes when `sigma` is 0.
  private static let tabulated: [Int: [UInt16]] = [
    1: [256], 3: [64, 128], 5: [16, 64, 96], 7: [8, 28, 56, 72], 9: [4, 13, 30, 51, 60],
  ]
}

/// The index in `0..<count` that replaces `index`, mirrored at the borders without repeating the edge.
private func mirrored(_ index: Int, _ count: Int) -> Int {
  if count == 1 { return 0 }
  var index = index
  while index < 0 || index >= count { index = index < 0 ? -index : 2 * count - 2 - index }
  return index
}
