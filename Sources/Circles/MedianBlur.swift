import Tensor

/// A median filter: each pixel becomes the median of its square neighbourhood. Border pixels are repeated.
///
/// Matches OpenCV's `medianBlur` in every byte.
public struct MedianBlur: Sendable, Hashable {
  /// The height and width of the neighbourhood in pixels, 3 or 5.
  public let size: Int

  /// Makes a median filter.
  ///
  /// - Throws: `SceneError.invalidParameter` for a size that is neither 3 nor 5.
  public init(size: Int) throws(SceneError) {
    guard size == 3 || size == 5 else {
      throw .invalidParameter("the size of a median blur must be 3 or 5, got \(size)")
    }
    self.size = size
  }

  /// Filters an image.
  public func callAsFunction(_ image: GrayImage, engine: Engine) -> GrayImage {
    GrayImage(like: (image.width, image.height)) { target in
      engine.withWorkspace { workspace in image.withPlane { filter($0, into: target, workspace) } }
    }
  }

  func filter(_ source: Plane, into target: Plane, _ workspace: Workspace) {
    let (width, height) = (source.width, source.height)
    let radius = size / 2
    let stride = width + 2 * radius
    let kernels = workspace.kernels.circles
    workspace.arena.scope {
      let scratch = workspace.perWorker {
        (rows: workspace.allocate(UInt8.self, size * stride), counts: workspace.allocate(UInt8.self, width))
      }
      workspace.parallel(rows: height, band: 32) { worker, band in
        let (padded, counts) = scratch[worker]
        for y in band {
          for tap in 0..<size {
            let row = source.row(min(max(y + tap - radius, 0), height - 1))
            let copy = padded + tap * stride
            copy.initialize(repeating: row[0], count: radius)
            (copy + radius).update(from: row, count: width)
            (copy + radius + width).initialize(repeating: row[width - 1], count: radius)
          }
          kernels.medianRow(
            MedianRowOperands(
              rows: padded, stride: stride, size: size, counts: counts, target: target.row(y), count: width))
        }
      }
    }
  }
}
