import Tensor

/// An image fitted into the network's input: scaled by one factor, centred, and padded with grey.
///
/// Matches `letterbox` of the YOLOv5 repository: the sides of the scaled image are padded to multiples of the stride,
/// or to a square.
struct Letterbox: Sendable {
  /// The size of the image.
  let source: (width: Int, height: Int)
  /// The size of the scaled image.
  let scaled: (width: Int, height: Int)
  /// The size of the network's input.
  let target: (width: Int, height: Int)
  let left: Int
  let top: Int

  /// The grey value of the padding.
  static let grey: UInt8 = 114

  init(_ image: Image, size: Int, isSquare: Bool, stride: Int = 32) {
    source = (image.width, image.height)
    let ratio = min(Double(size) / Double(image.height), Double(size) / Double(image.width))
    func scale(_ side: Int) -> Int { max(1, Int((Double(side) * ratio).rounded(.toNearestOrEven))) }
    scaled = (scale(image.width), scale(image.height))
    var padding = (width: size - scaled.width, height: size - scaled.height)
    if !isSquare { padding = (padding.width % stride, padding.height % stride) }
    target = (scaled.width + padding.width, scaled.height + padding.height)
    left = Int((Double(padding.width) / 2 - 0.1).rounded(.toNearestOrEven))
    top = Int((Double(padding.height) / 2 - 0.1).rounded(.toNearestOrEven))
  }

  /// Fills a stem's input map with the image, with values 0 to 1.
  func fill(_ input: TensorView, of stem: Stem, with image: Image, _ workspace: Workspace) {
    let timer = workspace.timer
    defer { timer?.stop("letterbox", from: image.shape, to: input.shape) }
    image.pixels.withUnsafeBufferPointer { pixels in
      guard let pixels = pixels.baseAddress else { return }
      if scaled == source { return fill(input, of: stem, scaled: pixels, workspace) }
      workspace.arena.scope {
        let resized = workspace.arena.allocate(UInt8.self, scaled.width * scaled.height * 3)
        image.resize(into: resized, width: scaled.width, height: scaled.height, workspace)
        fill(input, of: stem, scaled: resized, workspace)
      }
    }
  }

  private func fill(
    _ input: TensorView, of stem: Stem, scaled pixels: UnsafePointer<UInt8>, _ workspace: Workspace
  ) {
    let (grey, kernels) = (Float(Self.grey) / 255, workspace.kernels.images)
    nonisolated(unsafe) let pixels = pixels
    let count = target.width * 3
    let end = (left + scaled.width) * 3
    let shape = Shape(height: target.height, width: target.width, channels: 3)
    stem.fill(input, with: shape, workspace) { y, line in
      let row = y - top
      if row >= 0, row < scaled.height {
        line.update(repeating: grey, count: left * 3)
        kernels.normalize(pixels + row * scaled.width * 3, line + left * 3, scaled.width * 3)
        (line + end).update(repeating: grey, count: count - end)
      } else {
        line.update(repeating: grey, count: count)
      }
      return UnsafePointer(line)
    }
  }

  /// The map from the image to the network's input; its inverse maps detections back. Matches the repository's
  /// `scale_boxes`.
  var map: CoordinateMap {
    let gain = min(
      Double(target.height) / Double(source.height), Double(target.width) / Double(source.width))
    return CoordinateMap(
      width: source.width, height: source.height, divisor: .init(x: Float(gain), y: Float(gain)),
      offset: .init(
        x: Float((Double(target.width) - Double(source.width) * gain) / 2),
        y: Float((Double(target.height) - Double(source.height) * gain) / 2)))
  }
}
