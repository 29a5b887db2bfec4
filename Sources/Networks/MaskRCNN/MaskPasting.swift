import Tensor

/// Puts masks of 28×28 probabilities where their boxes are in the picture and keeps what reaches the threshold
/// (`paste_masks_in_image`): padded by one pixel, the box grown to match and cut to whole pixels, resized bilinearly.
struct MaskPasting {
  let image: (width: Int, height: Int)
  let threshold: Float

  private static let side = MaskHead.size + 2

  /// One mask for each box, in pixels of the picture.
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
        guard let base = masks.baseAddress else { return }
        workspace.parallel(patches.count) { _, index in
          base[index] = Result { () throws(SceneError) in try mask(patches[index]) }
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

  /// A mask's part inside the picture, and where it reads its probabilities.
  private struct Patch {
    let columns: Range<Int>
    let rows: Range<Int>
    /// The grown box's left and top edge.
    private let origin: (x: Int, y: Int)
    /// `[30][30]`, zeros around the mask.
    private let padded: UnsafeMutablePointer<Float>
    private let columnTaps: BilinearTaps
    private let rowTaps: BilinearTaps

    /// Nil where nothing of the box lies inside the picture.
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

    /// 1 where the probability reaches the threshold.
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

    /// An edge pair grown by 30 / 28 about its centre, cut towards zero; nil where it is not finite or beyond all sense.
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
