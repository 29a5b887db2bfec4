import Tensor

extension Image {
  /// Converts the image to grey, the luma of each pixel. Matches OpenCV's `cvtColor` with `COLOR_RGB2GRAY` in every
  /// byte.
  public func grayscale(engine: Engine) -> GrayImage {
    GrayImage(like: (width, height)) { plane in
      engine.withWorkspace { grayscale(into: plane, $0) }
    }
  }

  func grayscale(into plane: Plane, _ workspace: Workspace) {
    pixels.withUnsafeBufferPointer { pixels in
      guard let base = pixels.baseAddress else { return }
      nonisolated(unsafe) let source = base
      let kernels = workspace.kernels.circles
      workspace.parallel(rows: height, band: 64) { _, rows in
        kernels.grayscale(
          source + 3 * rows.lowerBound * width, plane.row(rows.lowerBound), rows.count * width)
      }
    }
  }
}
