import Tensor

/// A picture made ready for the network: standardized with ImageNet's means and deviations, scaled so that its shorter
/// side has `minSize` pixels and its longer at most `maxSize`, padded with zeros to multiples of 32
/// (`GeneralizedRCNNTransform`).
struct ImageTransform {
  /// A transformed picture.
  struct Picture {
    /// `[1, H + 6, W + 6, 3]`: the padded picture inside the border that the stem needs.
    let input: TensorView
    /// The picture's own size.
    let original: (width: Int, height: Int)
    /// The size that boxes inside the network are in.
    let resized: (width: Int, height: Int)

    /// The padded size.
    var padded: (width: Int, height: Int) {
      (input.shape.width - 2 * ResNet.border, input.shape.height - 2 * ResNet.border)
    }

    /// A box of the network's in pixels of the picture.
    func restored(_ box: Box) -> Box {
      let x = Float(original.width) / Float(resized.width)
      let y = Float(original.height) / Float(resized.height)
      return Box(x1: box.x1 * x, y1: box.y1 * y, x2: box.x2 * x, y2: box.y2 * y)
    }
  }

  let minSize: Int
  let maxSize: Int

  static let means: [Float] = [0.485, 0.456, 0.406]
  static let deviations: [Float] = [0.229, 0.224, 0.225]

  /// The resized sides; 0 for the short side of a picture too thin to be scaled.
  func size(of image: Image) -> (width: Int, height: Int) {
    // PyTorch divides a number by a tensor through the reciprocal, which decides whether a side has 799 or 800 pixels.
    let scale = min(
      1 / Float(min(image.width, image.height)) * Float(minSize),
      1 / Float(max(image.width, image.height)) * Float(maxSize))
    return (Int(Double(image.width) * Double(scale)), Int(Double(image.height) * Double(scale)))
  }

  /// The picture inside a border of zeros, in that format.
  func callAsFunction(_ image: Image, _ format: MapFormat, _ workspace: Workspace) -> Picture {
    let (width, height) = size(of: image)
    let border = ResNet.border
    let shape = Shape(
      height: (height + 31) / 32 * 32 + 2 * border, width: (width + 31) / 32 * 32 + 2 * border, channels: 3)
    let timer = workspace.timer
    defer { timer?.stop("resizing", from: image.shape, to: shape) }
    let input = workspace.arena.tensor(shape, format)
    workspace.arena.scope {
      let standardized = workspace.arena.tensor(Shape(height: image.height, width: image.width, channels: 3))
      standardize(image, into: standardized, workspace)
      let columns = BilinearTaps(from: image.width, to: width, step: 3, workspace)
      let rows = BilinearTaps(from: image.height, to: height, step: image.width * 3, workspace)
      let lines = (0..<workspace.engine.threads).map { _ in
        workspace.arena.tensor(Shape(height: 1, width: width, channels: 3)).base
      }
      workspace.parallel(shape.height) { worker, y in
        fillZeros(input.address(y * shape.width), format, count: shape.width * 3)
        let row = y - border
        guard row >= 0, row < height else { return }
        workspace.kernels.resizeRow(
          standardized.base + Int(rows.lefts[row]), standardized.base + Int(rows.rights[row]), rows.fractions[row],
          columns.lefts, columns.rights, columns.fractions, lines[worker], width)
        store(lines[worker], count: width * 3, into: input.address(y * shape.width + border), format, workspace)
      }
    }
    return Picture(input: input, original: (image.width, image.height), resized: (width, height))
  }

  private func standardize(_ image: Image, into target: TensorView, _ workspace: Workspace) {
    image.pixels.withUnsafeBufferPointer { pixels in
      Self.means.withUnsafeBufferPointer { means in
        Self.deviations.withUnsafeBufferPointer { deviations in
          guard let pixels = pixels.baseAddress, let means = means.baseAddress, let deviations = deviations.baseAddress
          else { return }
          workspace.parallel(image.height) { _, y in
            let offset = y * image.width * 3
            workspace.kernels.standardize(pixels + offset, means, deviations, target.base + offset, image.width)
          }
        }
      }
    }
  }
}

/// Where a bilinear resize reads along one axis, as PyTorch's `interpolate` with `align_corners` false does: positions
/// in double precision, weights rounded once.
struct BilinearTaps {
  /// Floats to the pixel before, to the one after, and the weight of the latter.
  let lefts: UnsafeMutablePointer<Int32>
  let rights: UnsafeMutablePointer<Int32>
  let fractions: UnsafeMutablePointer<Float>

  init(from source: Int, to target: Int, step: Int, _ workspace: Workspace) {
    func memory<T: BitwiseCopyable>(_ type: T.Type) -> UnsafeMutablePointer<T> {
      workspace.arena.allocate(byteCount: max(target, 1) * MemoryLayout<T>.stride)
        .bindMemory(to: type, capacity: max(target, 1))
    }
    lefts = memory(Int32.self)
    rights = memory(Int32.self)
    fractions = memory(Float.self)
    let scale = Double(Float(source) / Float(target))
    for index in 0..<target {
      let position = source == target ? Double(index) : max(0, scale * (Double(index) + 0.5) - 0.5)
      let left = min(Int(Float(position)), source - 1)
      lefts[index] = Int32(left * step)
      rights[index] = Int32(min(left + 1, source - 1) * step)
      fractions[index] = Float(min(max(position - Double(left), 0), 1))
    }
  }
}
