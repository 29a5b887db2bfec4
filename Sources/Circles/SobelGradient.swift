import Tensor

/// The derivatives of an image by the 3×3 Sobel operator. Border pixels are repeated.
///
/// Matches OpenCV's `Sobel` with `ksize=3`, `CV_16S` and `BORDER_REPLICATE`.
public struct SobelGradient: Sendable, Equatable {
  /// Derivatives from left to right, `[height][width]`, -1020 to 1020.
  public let horizontal: [Int16]
  /// Derivatives from top to bottom, `[height][width]`, -1020 to 1020.
  public let vertical: [Int16]

  /// Computes the derivatives of an image.
  public init(_ image: GrayImage, engine: Engine) {
    let (width, height) = (image.width, image.height)
    var horizontal = [Int16](repeating: 0, count: width * height)
    var vertical = horizontal
    horizontal.withUnsafeMutableBufferPointer { horizontal in
      vertical.withUnsafeMutableBufferPointer { vertical in
        guard let horizontalBase = horizontal.baseAddress, let verticalBase = vertical.baseAddress else { return }
        nonisolated(unsafe) let (horizontal, vertical) = (horizontalBase, verticalBase)
        engine.withWorkspace { workspace in
          image.withPlane { plane in
            let kernels = workspace.kernels.circles
            let scratch = (0..<engine.threads).map { _ in SobelRows(plane, workspace) }
            workspace.parallel(rows: height, band: 64) { worker, rows in
              var source = scratch[worker]
              for y in rows {
                let place = y * width
                source.derive(y, horizontal + place, vertical + place, source.magnitude, kernels)
              }
            }
          }
        }
      }
    }
    self.horizontal = horizontal
    self.vertical = vertical
  }
}

/// Copies of three rows with their border pixels repeated, from which the derivatives of the middle one are computed.
/// Used by one thread.
struct SobelRows: @unchecked Sendable {
  private let plane: Plane
  private let padded: UnsafeMutablePointer<UInt8>
  private var held = [-1, -1, -1]
  /// A row for magnitudes that are not used.
  let magnitude: UnsafeMutablePointer<Int16>

  init(_ plane: Plane, _ workspace: Workspace) {
    self.plane = plane
    padded = workspace.allocate(UInt8.self, 3 * (plane.width + 2))
    magnitude = workspace.allocate(Int16.self, plane.width)
  }

  /// Computes the derivatives of row `y`. Going from top to bottom saves copies.
  mutating func derive(
    _ y: Int, _ horizontal: UnsafeMutablePointer<Int16>, _ vertical: UnsafeMutablePointer<Int16>,
    _ magnitude: UnsafeMutablePointer<Int16>, _ kernels: CircleKernels
  ) {
    let above = load(max(y - 1, 0))
    let row = load(y)
    let below = load(min(y + 1, plane.height - 1))
    kernels.sobelRow(
      SobelRowOperands(
        above: above, row: row, below: below, horizontal: horizontal, vertical: vertical, magnitude: magnitude,
        count: plane.width))
  }

  private mutating func load(_ y: Int) -> UnsafePointer<UInt8> {
    let slot = y % 3
    let copy = padded + slot * (plane.width + 2) + 1
    guard held[slot] != y else { return UnsafePointer(copy) }
    held[slot] = y
    let row = plane.row(y)
    copy.update(from: row, count: plane.width)
    copy[-1] = row[0]
    copy[plane.width] = row[plane.width - 1]
    return UnsafePointer(copy)
  }
}
