import Tensor

/// Resizes masks of 28×28 probabilities to their boxes in the image, and applies a threshold.
///
/// Matches torchvision's `paste_masks_in_image`: a mask is padded by one pixel, its box is enlarged to match and
/// truncated to whole pixels, and the mask is resized to it bilinearly.
struct MaskPasting {
  let image: (width: Int, height: Int)
  let threshold: Float

  private static let side = MaskHead.size + 2

  /// Computes one mask for each box, which is in pixels of the image.
  func callAsFunction(
    _ probabilities: UnsafePointer<Float>, _ boxes: [Box], _ workspace: Workspace
  ) throws(SceneError) -> [Mask] {
    let timer = workspace.timer
    defer {
      timer?.stop(
        "pasting", from: Shape(batch: boxes.count, height: MaskHead.size, width: MaskHead.size, channels: 1),
        to: Shape(batch: boxes.count, height: image.height, width: image.width, channels: 1))
    }
    let area = MaskHead.size * MaskHead.size
    return try workspace.arena.scope { () throws(SceneError) in
      let patches = boxes.enumerated().map { Patch(probabilities + $0 * area, $1, image, workspace) }
      var masks = [Result<Mask, SceneError>?](repeating: nil, count: boxes.count)
      masks.withUnsafeMutableBufferPointer { masks in
        nonisolated(unsafe) let masks = masks
        workspace.parallel(patches.count) { _, index in
          masks[index] = Result { () throws(SceneError) in try mask(patches[index]) }
        }
      }
      var pasted: [Mask] = []
      for mask in masks {
        if let mask { pasted.append(try mask.get()) }
      }
      return pasted
    }
  }

  private func mask(_ patch: Patch?) throws(SceneError) -> Mask {
    guard let patch else {
      return try Mask(bitmap: [], bitmapWidth: 0, x: 0, y: 0, width: image.width, height: image.height)
    }
    return try Mask(
      bitmap: patch.bitmap(threshold), bitmapWidth: patch.columns.count, x: patch.columns.lowerBound,
      y: patch.rows.lowerBound, width: image.width, height: image.height)
  }

  /// The part of a mask inside the image, and the positions of its probabilities.
  private struct Patch: @unchecked Sendable {
    let columns: Range<Int>
    let rows: Range<Int>
    /// The left and top edge of the enlarged box.
    private let origin: (x: Int, y: Int)
    /// `[30][30]`, the probabilities with a border of zeros.
    private let padded: UnsafeMutablePointer<Float>
    private let columnTaps: BilinearTaps
    private let rowTaps: BilinearTaps

    /// Returns nil if no part of the box lies inside the image.
    init?(
      _ probabilities: UnsafePointer<Float>, _ box: Box, _ image: (width: Int, height: Int), _ workspace: Workspace
    ) {
      guard let x = Self.grown(box.x1, box.x2), let y = Self.grown(box.y1, box.y2) else { return nil }
      let (left, right) = (max(x.low, 0), min(x.high + 1, image.width))
      let (top, bottom) = (max(y.low, 0), min(y.high + 1, image.height))
      guard left < right, top < bottom else { return nil }
      let side = MaskPasting.side
      columns = left..<right
      rows = top..<bottom
      origin = (x.low, y.low)
      columnTaps = BilinearTaps(from: side, to: max(x.high - x.low + 1, 1), step: 1, workspace)
      rowTaps = BilinearTaps(from: side, to: max(y.high - y.low + 1, 1), step: side, workspace)
      padded = workspace.arena.tensor(Shape(height: side, width: side, channels: 1)).base
      padded.initialize(repeating: 0, count: side * side)
      for row in 0..<MaskHead.size {
        (padded + (row + 1) * side + 1).update(from: probabilities + row * MaskHead.size, count: MaskHead.size)
      }
    }

    /// 1 for pixels whose probability is at least the threshold, else 0.
    func bitmap(_ threshold: Float) -> [UInt8] {
      [UInt8](unsafeUninitializedCapacity: rows.count * columns.count) { bytes, count in
        for row in rows {
          let (upper, lower) = (
            padded + Int(rowTaps.lefts[row - origin.y]), padded + Int(rowTaps.rights[row - origin.y])
          )
          let fraction = rowTaps.fractions[row - origin.y]
          for column in columns {
            let (a, b) = (Int(columnTaps.lefts[column - origin.x]), Int(columnTaps.rights[column - origin.x]))
            let right = columnTaps.fractions[column - origin.x]
            let value =
              (1 - fraction) * ((1 - right) * upper[a] + right * upper[b])
              + fraction * ((1 - right) * lower[a] + right * lower[b])
            bytes[count] = value >= threshold ? 1 : 0
            count += 1
          }
        }
      }
    }

    /// Two opposite edges moved apart by a factor of 30 / 28 around their centre and truncated; nil if they are not
    /// finite or out of range.
    private static func grown(_ low: Float, _ high: Float) -> (low: Int, high: Int)? {
      let half = (high - low) * 0.5 * Float(Double(MaskPasting.side) / Double(MaskHead.size))
      let center = (high + low) * 0.5
      guard let first = Int(exactly: (center - half).rounded(.towardZero)),
        let last = Int(exactly: (center + half).rounded(.towardZero)), abs(first) < 1 << 24, abs(last) < 1 << 24
      else { return nil }
      return (first, last)
    }
  }
}
