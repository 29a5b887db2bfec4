import Tensor

/// A picture fitted into the network's input: scaled by one factor, centred, the rest filled with grey.
///
/// As `letterbox` of the YOLOv5 repository: the sides are those of the scaled picture padded to multiples of the
/// stride, or the whole square.
struct Letterbox: Sendable {
  /// The picture's size.
  let source: (width: Int, height: Int)
  /// The scaled picture's size.
  let scaled: (width: Int, height: Int)
  /// The input's size.
  let target: (width: Int, height: Int)
  let left: Int
  let top: Int

  /// The grey of the padding.
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

  /// Fills `input`, `[1, height + 2 * border, width + 2 * border, 3]`, with the picture as 0 to 1 inside a border of
  /// zeros.
  func fill(_ input: TensorView, border: Int, with image: Image, _ workspace: Workspace) {
    let timer = workspace.timer
    defer { timer?.stop("letterbox", from: image.shape, to: input.shape) }
    image.pixels.withUnsafeBufferPointer { pixels in
      guard let pixels = pixels.baseAddress else { return }
      if scaled == source { return fill(input, border: border, scaled: pixels, workspace) }
      workspace.arena.scope {
        let bytes = scaled.width * scaled.height * 3
        let resized = workspace.arena.allocate(byteCount: bytes).bindMemory(to: UInt8.self, capacity: bytes)
        image.resize(into: resized, width: scaled.width, height: scaled.height, workspace)
        fill(input, border: border, scaled: resized, workspace)
      }
    }
  }

  private func fill(
    _ input: TensorView, border: Int, scaled pixels: UnsafePointer<UInt8>, _ workspace: Workspace
  ) {
    let grey = Float(Self.grey) / 255
    let count = target.width * 3
    let isFloat = input.format.kind == .float32
    workspace.arena.scope {
      let lines = (0..<(isFloat ? 0 : workspace.engine.threads)).map { _ in
        workspace.arena.tensor(Shape(height: 1, width: target.width, channels: 3)).base
      }
      workspace.parallel(input.shape.height) { worker, y in
        let row = y * input.shape.width
        let inside = y - border
        guard inside >= 0, inside < target.height else {
          return fillZeros(input.address(row), input.format, count: input.shape.width * 3)
        }
        fillZeros(input.address(row), input.format, count: border * 3)
        fillZeros(input.address(row + border + target.width), input.format, count: border * 3)
        let line = isFloat ? input.pixel(row + border) : lines[worker]
        let from = inside - top
        if from >= 0, from < scaled.height {
          let end = (left + scaled.width) * 3
          line.update(repeating: grey, count: left * 3)
          workspace.kernels.normalize(pixels + from * scaled.width * 3, line + left * 3, scaled.width * 3)
          (line + end).update(repeating: grey, count: count - end)
        } else {
          line.update(repeating: grey, count: count)
        }
        if !isFloat { store(line, count: count, into: input.address(row + border), input.format, workspace) }
      }
    }
  }

  /// A box of the input in pixels of the picture, inside it (`scale_boxes`).
  func unfit(_ box: Box) -> Box {
    let gain = min(
      Double(target.height) / Double(source.height), Double(target.width) / Double(source.width))
    let x = Float((Double(target.width) - Double(source.width) * gain) / 2)
    let y = Float((Double(target.height) - Double(source.height) * gain) / 2)
    let scale = Float(gain)
    return Box(
      x1: (box.x1 - x) / scale, y1: (box.y1 - y) / scale, x2: (box.x2 - x) / scale, y2: (box.y2 - y) / scale
    ).clipped(width: Float(source.width), height: Float(source.height))
  }
}
