import Kernels
import Scenes

extension Image {
  /// Resizes the image with bilinear interpolation.
  ///
  /// Matches OpenCV's `resize` with `INTER_LINEAR` in every byte: pixel centres are aligned, weights have 11 bits, and
  /// halving both sides exactly takes the mean of each 2×2 pixels.
  ///
  /// - Parameters:
  ///   - width: The new width in pixels, 1 to `largestSide`.
  ///   - height: The new height in pixels, 1 to `largestSide`.
  ///   - engine: The engine to run on.
  /// - Returns: The resized image.
  /// - Throws: `SceneError.invalidShape` when a side is out of range or the result would have more than 2^32 samples.
  public func resized(width: Int, height: Int, engine: Engine) throws(SceneError) -> Image {
    if width == self.width, height == self.height { return self }
    let sides = 1...Self.largestSide
    guard sides.contains(width), sides.contains(height), width * height <= (1 << 32) / 3 else {
      throw .invalidShape(
        "an image can be resized to sides of 1 to \(Self.largestSide) pixels and at most 2^32 samples, got "
          + "\(width)x\(height)")
    }
    let bytes = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
      count = width * height * 3
      guard let base = buffer.baseAddress else { return }
      engine.withWorkspace { workspace in
        resize(into: base, width: width, height: height, workspace)
      }
    }
    return try Image(width: width, height: height, pixels: bytes)
  }

  /// Resizes the image bilinearly and writes it to `width * height * 3` bytes.
  package func resize(into target: UnsafeMutablePointer<UInt8>, width: Int, height: Int, _ workspace: Workspace) {
    pixels.withUnsafeBufferPointer { source in
      guard let source = source.baseAddress else { return }
      if width == self.width, height == self.height {
        target.update(from: source, count: width * height * 3)
      } else if width * 2 == self.width, height * 2 == self.height {
        halve(source, into: target, width, height, workspace)
      } else {
        interpolate(source, into: target, width, height, workspace)
      }
    }
  }

  private func halve(
    _ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>, _ width: Int, _ height: Int,
    _ workspace: Workspace
  ) {
    let (stride, kernels) = (self.width * 3, workspace.kernels.images)
    nonisolated(unsafe) let (source, target) = (source, target)
    workspace.parallel(height) { _, y in
      let top = source + 2 * y * stride
      kernels.halveRows(top, top + stride, target + y * width * 3, width)
    }
  }

  private func interpolate(
    _ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>, _ width: Int, _ height: Int,
    _ workspace: Workspace
  ) {
    workspace.arena.scope {
      let integers = { (count: Int) in workspace.arena.allocate(Int32.self, count) }
      nonisolated(unsafe) let (source, target) = (source, target)
      nonisolated(unsafe) let (offsets, steps) = (integers(width), integers(width))
      nonisolated(unsafe) let weights = integers(2 * width)
      for x in 0..<width {
        var (left, fraction) = sample(x, from: self.width, to: width)
        if left < 0 { (left, fraction) = (0, 0) }
        if left >= self.width - 1 { (left, fraction) = (self.width - 1, 0) }
        offsets[x] = Int32(left * 3)
        steps[x] = left < self.width - 1 ? 3 : 0
        weights[2 * x] = fixedPoint(1 - fraction)
        weights[2 * x + 1] = fixedPoint(fraction)
      }
      let (band, kernels) = (32, workspace.kernels.images)
      let rows = workspace.perWorker { (integers(width * 3), integers(width * 3)) }
      workspace.parallel((height + band - 1) / band) { worker, part in
        var (upper, lower) = rows[worker]
        var upperRow = -1
        var lowerRow = -1
        func fill(_ row: UnsafeMutablePointer<Int32>, _ y: Int) {
          kernels.interpolateRow(
            InterpolateRowOperands(
              source: source + y * self.width * 3, offsets: offsets, steps: steps, weights: weights, target: row,
              width: width))
        }
        for y in part * band..<min((part + 1) * band, height) {
          let (top, fraction) = sample(y, from: self.height, to: height)
          let first = min(max(top, 0), self.height - 1)
          let second = min(max(top + 1, 0), self.height - 1)
          if first == lowerRow {
            swap(&upper, &lower)
            swap(&upperRow, &lowerRow)
          }
          if first != upperRow { fill(upper, first) }
          upperRow = first
          if second != lowerRow { fill(lower, second) }
          lowerRow = second
          kernels.blendRows(
            BlendRowsOperands(
              top: upper, bottom: lower, topWeight: fixedPoint(1 - fraction), bottomWeight: fixedPoint(fraction),
              target: target + y * width * 3, count: width * 3))
        }
      }
    }
  }
}

/// The source pixel to the left of target pixel `index`, and the distance from its centre to the target's. Uses double
/// and single precision where OpenCV does.
private func sample(_ index: Int, from source: Int, to target: Int) -> (left: Int, fraction: Float) {
  let scale = 1 / (Double(target) / Double(source))
  let position = Float((Double(index) + 0.5) * scale - 0.5)
  let left = position.rounded(.down)
  return (Int(left), position - left)
}

/// A weight in units of 2^-11. As in OpenCV each weight of a pair is rounded on its own, so they may add up to 2049.
private func fixedPoint(_ weight: Float) -> Int32 { Int32((weight * 2048).rounded(.toNearestOrEven)) }
