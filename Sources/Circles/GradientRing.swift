import Tensor

/// The derivatives and gradient magnitudes of three rows of an image, for a thread that visits rows from top to bottom.
struct GradientRing: @unchecked Sendable {
  private let height: Int
  private let stride: Int
  private let width: Int
  private var source: SobelRows
  private let horizontal: UnsafeMutablePointer<Int16>
  private let vertical: UnsafeMutablePointer<Int16>
  private let magnitudes: UnsafeMutablePointer<Int16>
  private let nothing: UnsafeMutablePointer<Int16>
  private var held = [-1, -1, -1]

  init(_ plane: Plane, _ workspace: Workspace) {
    height = plane.height
    width = plane.width
    stride = plane.width + 2
    source = SobelRows(plane, workspace)
    horizontal = workspace.allocate(Int16.self, 3 * width)
    vertical = workspace.allocate(Int16.self, 3 * width)
    magnitudes = workspace.allocate(Int16.self, 3 * stride)
    nothing = workspace.allocate(Int16.self, stride)
    magnitudes.initialize(repeating: 0, count: 3 * stride)
    nothing.initialize(repeating: 0, count: stride)
  }

  /// The rows above, at and below `y`. Magnitudes outside of the image are 0.
  mutating func rows(around y: Int, _ kernels: CircleKernels) -> GradientRows {
    let above = y > 0 ? derive(y - 1, kernels) : nothing + 1
    let row = derive(y, kernels)
    let below = y + 1 < height ? derive(y + 1, kernels) : nothing + 1
    let slot = y % 3
    return GradientRows(
      above: above, row: row, below: below, horizontal: horizontal + slot * width, vertical: vertical + slot * width)
  }

  private mutating func derive(_ y: Int, _ kernels: CircleKernels) -> UnsafeMutablePointer<Int16> {
    let slot = y % 3
    let magnitude = magnitudes + slot * stride + 1
    if held[slot] != y {
      source.derive(y, horizontal + slot * width, vertical + slot * width, magnitude, kernels)
      held[slot] = y
    }
    return magnitude
  }
}
