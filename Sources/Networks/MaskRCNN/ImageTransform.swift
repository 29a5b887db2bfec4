import Tensor

/// Prepares an image for Mask R-CNN.
///
/// It standardizes the image with ImageNet's means and deviations, scales it so that the shorter side has `minSize`
/// pixels and the longer at most `maxSize`, and pads it with zeros to multiples of 32. Matches torchvision's
/// `GeneralizedRCNNTransform`.
struct ImageTransform {
  /// A prepared image.
  struct Picture {
    /// `[1, H + 6, W + 6, 3]`: the padded image with the border that the stem needs.
    let input: TensorView
    /// The size of the original image.
    let original: (width: Int, height: Int)
    /// The size of the scaled image, in whose pixels boxes inside the network are.
    let resized: (width: Int, height: Int)

    /// The size of the padded image, `W` and `H`.
    var padded: (width: Int, height: Int) {
      (input.shape.width - 2 * ResNet.border, input.shape.height - 2 * ResNet.border)
    }

    /// The map from the original image to the scaled one; its inverse maps detections back.
    var map: CoordinateMap { .resized(from: original, to: resized) }
  }

  let minSize: Int
  let maxSize: Int

  static let means: [Float] = [0.485, 0.456, 0.406]
  static let deviations: [Float] = [0.229, 0.224, 0.225]

  /// The size of the scaled image; a side is 0 if the image is too thin.
  func size(of image: Image) -> (width: Int, height: Int) {
    // PyTorch multiplies by the reciprocal, which may decide whether a side has 799 or 800 pixels.
    let scale = min(
      1 / Float(min(image.width, image.height)) * Float(minSize),
      1 / Float(max(image.width, image.height)) * Float(maxSize))
    return (Int(Double(image.width) * Double(scale)), Int(Double(image.height) * Double(scale)))
  }

  /// Prepares an image in the given format.
  func callAsFunction(_ image: Image, _ format: MapFormat, _ workspace: Workspace) -> Picture {
    let (width, height) = size(of: image)
    let border = ResNet.border
    let shape = Shape(
      height: (height + 31) / 32 * 32 + 2 * border, width: (width + 31) / 32 * 32 + 2 * border, channels: 3)
    let timer = workspace.timer
    defer { timer?.stop("resizing", from: image.shape, to: shape) }
    let input = workspace.arena.tensor(shape, format)
    let (kernels, storing) = (workspace.kernels.images, workspace.reducedPrecision)
    workspace.arena.scope {
      let columns = BilinearTaps(from: image.width, to: width, step: 3, workspace)
      let rows = BilinearTaps(from: image.height, to: height, step: 1, workspace)
      let scratches = workspace.perWorker { Scratch(image, width: width, workspace) }
      image.pixels.withUnsafeBufferPointer { pixels in
        guard let base = pixels.baseAddress else { return }
        nonisolated(unsafe) let pixels = base
        workspace.parallel(shape.height) { worker, y in
          fillZeros(input.address(y * shape.width), format, count: shape.width * 3)
          let row = y - border
          guard row >= 0, row < height else { return }
          let scratch = scratches[worker]
          kernels.resizeRow(
            ResizeRowOperands(
              top: scratch.standardized(Int(rows.lefts[row]), of: pixels, kernels),
              bottom: scratch.standardized(Int(rows.rights[row]), of: pixels, kernels),
              fraction: rows.fractions[row], lefts: columns.lefts, rights: columns.rights,
              fractions: columns.fractions, output: scratch.line, width: width))
          store(scratch.line, count: width * 3, into: input.address(y * shape.width + border), format, storing)
        }
      }
    }
    return Picture(input: input, original: (image.width, image.height), resized: (width, height))
  }

  /// A worker's scratch memory: a row of the result, and a standardized even and odd row of the image.
  private struct Scratch {
    let line: UnsafeMutablePointer<Float>
    private let lines: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
    /// The numbers of the rows in the two lines.
    private let rows: UnsafeMutablePointer<Int>
    private let width: Int

    init(_ image: Image, width: Int, _ workspace: Workspace) {
      func line(_ width: Int) -> UnsafeMutablePointer<Float> {
        workspace.arena.tensor(Shape(height: 1, width: width, channels: 3)).base
      }
      self.line = line(width)
      lines = (line(image.width), line(image.width))
      rows = workspace.arena.allocate(Int.self, 2)
      rows.initialize(repeating: -1, count: 2)
      self.width = image.width
    }

    func standardized(
      _ row: Int, of pixels: UnsafePointer<UInt8>, _ kernels: ImageKernels
    ) -> UnsafePointer<Float> {
      let line = row % 2 == 0 ? lines.0 : lines.1
      if rows[row % 2] != row {
        rows[row % 2] = row
        ImageTransform.means.withUnsafeBufferPointer { means in
          ImageTransform.deviations.withUnsafeBufferPointer { deviations in
            guard let means = means.baseAddress, let deviations = deviations.baseAddress else { return }
            kernels.standardize(
              StandardizeOperands(
                source: pixels + row * width * 3, means: means, deviations: deviations, target: line, width: width))
          }
        }
      }
      return UnsafePointer(line)
    }
  }
}

/// The positions and weights of a bilinear resize along one axis.
///
/// Matches PyTorch's `interpolate` with `align_corners=False`: positions are in double precision, and weights are
/// rounded once.
struct BilinearTaps: @unchecked Sendable {
  /// For each output, the offsets of the pixel before and the pixel after it, and the weight of the pixel after it.
  let lefts: UnsafeMutablePointer<Int32>
  let rights: UnsafeMutablePointer<Int32>
  let fractions: UnsafeMutablePointer<Float>

  init(from source: Int, to target: Int, step: Int, _ workspace: Workspace) {
    lefts = workspace.arena.allocate(Int32.self, target)
    rights = workspace.arena.allocate(Int32.self, target)
    fractions = workspace.arena.allocate(Float.self, target)
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
