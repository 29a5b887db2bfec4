import Tensor

/// Puts a mask of 28×28 probabilities where its box is in the picture and keeps what reaches the threshold
/// (`paste_masks_in_image`): padded by one pixel, the box grown to match and cut to whole pixels, resized bilinearly.
struct MaskPasting {
  let image: (width: Int, height: Int)
  let threshold: Float

  private static let side = MaskHead.size + 2

  /// The mask inside the picture, row by row, and where it lies; nil where nothing of the box does.
  struct Patch {
    var x: Int
    var y: Int
    var width: Int
    var height: Int
    /// `[height][width]`, whether a pixel belongs to the object.
    var pixels: [Bool]
  }

  func callAsFunction(_ probabilities: UnsafePointer<Float>, _ box: Box, _ workspace: Workspace) -> Patch? {
    let (x, y) = (Self.grown(box.x1, box.x2), Self.grown(box.y1, box.y2))
    guard let x, let y else { return nil }
    let (left, right) = (max(x.low, 0), min(x.high + 1, image.width))
    let (top, bottom) = (max(y.low, 0), min(y.high + 1, image.height))
    guard left < right, top < bottom else { return nil }
    return workspace.arena.scope {
      let padded = workspace.arena.tensor(Shape(height: Self.side, width: Self.side, channels: 1)).base
      padded.initialize(repeating: 0, count: Self.side * Self.side)
      for row in 0..<MaskHead.size {
        (padded + (row + 1) * Self.side + 1).update(from: probabilities + row * MaskHead.size, count: MaskHead.size)
      }
      let columns = BilinearTaps(from: Self.side, to: max(x.high - x.low + 1, 1), step: 1, workspace)
      let rows = BilinearTaps(from: Self.side, to: max(y.high - y.low + 1, 1), step: Self.side, workspace)
      var patch = Patch(x: left, y: top, width: right - left, height: bottom - top, pixels: [])
      patch.pixels.reserveCapacity(patch.width * patch.height)
      for row in top - y.low..<bottom - y.low {
        let (upper, lower) = (padded + Int(rows.lefts[row]), padded + Int(rows.rights[row]))
        let fraction = rows.fractions[row]
        for column in left - x.low..<right - x.low {
          let (a, b) = (Int(columns.lefts[column]), Int(columns.rights[column]))
          let (rightWeight, leftWeight) = (columns.fractions[column], 1 - columns.fractions[column])
          let value =
            (1 - fraction) * (leftWeight * upper[a] + rightWeight * upper[b])
            + fraction * (leftWeight * lower[a] + rightWeight * lower[b])
          patch.pixels.append(value >= threshold)
        }
      }
      return patch
    }
  }

  /// An edge pair grown by 30 / 28 about its centre, cut towards zero; nil where it is not finite or beyond all sense.
  private static func grown(_ low: Float, _ high: Float) -> (low: Int, high: Int)? {
    let half = (high - low) * 0.5 * Float(Double(side) / Double(MaskHead.size))
    let center = (high + low) * 0.5
    guard let first = Int(exactly: (center - half).rounded(.towardZero)),
      let last = Int(exactly: (center + half).rounded(.towardZero)), abs(first) < 1 << 24, abs(last) < 1 << 24
    else { return nil }
    return (first, last)
  }
}
