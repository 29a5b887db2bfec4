import Tensor

/// The Canny edge detector on 3×3 Sobel derivatives (Canny, doi:10.1109/TPAMI.1986.4767851).
///
/// A pixel is an edge if the gradient's magnitude `|dx| + |dy|` is a maximum along its direction and above the upper
/// threshold, or above the lower one and connected to such a pixel through any of its eight neighbours. Matches
/// OpenCV's `Canny` with `L2gradient=False` in every byte.
public struct CannyEdges: Sendable, Hashable {
  /// The lower threshold of the magnitude, for pixels connected to an edge.
  public let low: Int
  /// The upper threshold of the magnitude, for pixels that start an edge.
  public let high: Int

  /// Makes an edge detector.
  ///
  /// - Throws: `SceneError.invalidParameter` unless `0 <= low <= high`.
  public init(low: Int, high: Int) throws(SceneError) {
    guard low >= 0, low <= high else {
      throw .invalidParameter("the edge thresholds must be 0 <= low <= high, got \(low) and \(high)")
    }
    self.low = low
    self.high = high
  }

  /// Makes the edge detector of `HoughCircles` from an upper threshold of at least 1; the lower one is half of it.
  init(of threshold: Int) {
    assert(threshold >= 1)
    low = max(threshold / 2, 1)
    high = threshold
  }

  /// Finds the edges of an image.
  ///
  /// - Returns: An image of the same size: 255 for edge pixels, 0 for all others.
  public func callAsFunction(_ image: GrayImage, engine: Engine) -> GrayImage {
    GrayImage(like: (image.width, image.height)) { target in
      engine.withWorkspace { workspace in
        let marks = EdgeMarks(width: image.width, height: image.height, workspace)
        image.withPlane { mark($0, in: marks, workspace) }
        for y in 0..<target.height {
          let (row, output) = (marks.row(y), target.row(y))
          for x in 0..<target.width { output[x] = row[x] == EdgeMark.certain ? 255 : 0 }
        }
      }
    }
  }

  /// Marks every pixel. Those marked `EdgeMark.certain` are the edges.
  func mark(_ source: Plane, in marks: EdgeMarks, _ workspace: Workspace) {
    marks.fillBorder()
    // Magnitudes are at most 2040.
    let (low, high) = (Int16(min(low, 4096)), Int16(min(high, 4096)))
    let (band, kernels) = (64, workspace.kernels.circles)
    var crossing: [Int] = []
    workspace.arena.scope {
      let scratch = (0..<workspace.engine.threads).map { _ in GradientRing(source, workspace) }
      let bandCount = (source.height + band - 1) / band
      withUnsafeTemporaryAllocation(of: [Int].self, capacity: bandCount) { open in
        open.initialize(repeating: [])
        nonisolated(unsafe) let open = open
        workspace.parallel(rows: source.height, band: band) { worker, rows in
          var ring = scratch[worker]
          for y in rows {
            kernels.thinEdges(
              ThinEdgesOperands(
                rows: ring.rows(around: y, kernels), low: low, high: high, marks: marks.row(y), count: source.width))
          }
          open[rows.lowerBound / band] = marks.grow(from: marks.certain(in: rows), in: rows)
        }
        crossing = open.flatMap { $0 }
        open.deinitialize()
      }
    }
    _ = marks.grow(from: crossing, in: 0..<source.height)
  }
}
