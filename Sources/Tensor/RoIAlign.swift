import Kernels
import Scenes

/// RoIAlign with 2×2 samples per bin (He et al., Mask R-CNN, doi:10.1109/ICCV.2017.322): each region is divided into
/// bins, and each bin is the mean of bilinear samples at fixed places.
///
/// Matches torchvision's `roi_align` with `sampling_ratio=2` and `aligned=False`.
package struct RoIAlign: Sendable {
  /// The number of bins along each side of the output.
  package let size: Int

  package init(size: Int) { self.size = size }

  /// Crops `boxes`, in pixels of the network's input, from feature maps.
  ///
  /// - Parameters:
  ///   - maps: `[1, H, W, C]`, one per level.
  ///   - scales: The size of each map relative to the network's input, such as 1/4.
  ///   - boxes: The regions.
  ///   - levels: For each box, the index of the map it is cropped from.
  ///   - output: `[boxes, size, size, C]`, in the maps' format.
  package func callAsFunction(
    _ maps: [TensorView], scales: [Float], boxes: [Box], levels: [Int], into output: TensorView, _ workspace: Workspace
  ) {
    assert(output.shape.batch == boxes.count && levels.count == boxes.count && maps.count == scales.count)
    guard !boxes.isEmpty else { return }
    let weightedSum = workspace.weightedSum(output.format)
    let timer = workspace.timer
    defer { timer?.stop("RoIAlign", from: maps[0].shape, to: output.shape) }
    workspace.arena.scope {
      let tables = workspace.perWorker {
        (
          TapGeometry.table(16, workspace),
          workspace.arena.tensor(Shape(height: 1, width: 1, channels: 16)).base
        )
      }
      workspace.parallel(boxes.count) { worker, index in
        let (taps, weights) = tables[worker]
        let (map, scale, box) = (maps[levels[index]], scales[levels[index]], boxes[index])
        let (left, top) = (box.x1 * scale, box.y1 * scale)
        // A region covers at least one pixel.
        let binWidth = max(box.x2 * scale - left, 1) / Float(size)
        let binHeight = max(box.y2 * scale - top, 1) / Float(size)
        for row in 0..<size {
          for column in 0..<size {
            var count = 0
            for sample in 0..<4 {
              let y = top + Float(row) * binHeight + (Float(sample / 2) + 0.5) * binHeight / 2
              let x = left + Float(column) * binWidth + (Float(sample % 2) + 0.5) * binWidth / 2
              count += Self.sample(map, x, y, taps + count, weights + count)
            }
            weightedSum(
              WeightedSumOperands(
                taps: taps, weights: weights, count: count, channels: map.shape.channels,
                output: output.address((index * size + row) * size + column)))
          }
        }
      }
    }
  }

  /// Writes the four pixels around a point and their weights, a quarter of the bilinear ones. Returns their number: 4,
  /// or 0 outside of the map.
  private static func sample(
    _ map: TensorView, _ x: Float, _ y: Float, _ taps: TapGeometry.Taps, _ weights: UnsafeMutablePointer<Float>
  ) -> Int {
    let (height, width) = (map.shape.height, map.shape.width)
    guard y >= -1, y <= Float(height), x >= -1, x <= Float(width) else { return 0 }
    let (top, bottom, dy) = neighbours(y, height)
    let (left, right, dx) = neighbours(x, width)
    taps[0] = UnsafeRawPointer(map.address(top * width + left))
    taps[1] = UnsafeRawPointer(map.address(top * width + right))
    taps[2] = UnsafeRawPointer(map.address(bottom * width + left))
    taps[3] = UnsafeRawPointer(map.address(bottom * width + right))
    weights[0] = (1 - dy) * (1 - dx) / 4
    weights[1] = (1 - dy) * dx / 4
    weights[2] = dy * (1 - dx) / 4
    weights[3] = dy * dx / 4
    return 4
  }

  private static func neighbours(_ position: Float, _ size: Int) -> (Int, Int, Float) {
    let position = max(position, 0)
    let low = Int(position)
    return low >= size - 1 ? (size - 1, size - 1, 0) : (low, low + 1, position - Float(low))
  }
}
