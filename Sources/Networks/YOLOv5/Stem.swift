import Tensor

/// Layer 0 of YOLOv5: a 6×6 convolution of stride 2 on the image.
///
/// On maps of floats, where multiply-adds are fused, it runs as the layer `Focus` that it replaced in release 6.0: 2×2 pixels become one
/// of 12 channels, and the kernel is 3×3 with stride 1, for which Winograd's filtering is faster. On maps of bytes and
/// bfloat16 the 6×6 kernel runs on the image with a border of zeros.
struct Stem: Sendable {
  let block: ConvolutionBlock
  /// Channels per pixel that stands for 2×2, 12 padded to whole vectors; nil if the 6×6 kernel is used.
  private let focused: Int?

  /// The width of the border of zeros that the 6×6 kernel needs.
  private static let border = 2

  init(_ layers: LayerBuilder, to outputs: Int) throws {
    let picture = layers.plan.picture
    let output = try layers.map
    let engine = layers.engine
    let lanes = engine.lanes
    // Where each product is rounded, Winograd's errors in large uniform regions would be too large.
    guard picture.kind == .float32, outputs % lanes == 0, engine.fusesMultiplyAdds else {
      focused = nil
      block = try ConvolutionBlock(
        layers, from: 3, to: outputs, kernel: 6, stride: 2, padding: 0, reading: picture, writing: output)
      return
    }
    try YOLOv5Layout.requireGeometry(kernel: 6, stride: 2, of: layers["conv"].weights)
    let folded = try layers["conv"].folded(normalization: layers["bn"], from: 3, to: outputs, kernel: 6)
    let channels = (12 + lanes - 1) / lanes * lanes
    focused = channels
    block = ConvolutionBlock(
      try Convolution(
        .init(inputChannels: channels, outputChannels: outputs, kernel: 3, padding: 1, activation: .silu),
        weights: Self.focus(folded.weights, outputs: outputs, channels: channels), bias: folded.bias,
        engine: engine), writing: output)
  }

  /// Rearranges weights `[outputs][3][6][6]` to `[outputs][channels][3][3]`, where the channel is
  /// `6 * (row % 2) + 3 * (column % 2) + colour`.
  private static func focus(_ weights: [Float], outputs: Int, channels: Int) -> [Float] {
    var focused = [Float](repeating: 0, count: outputs * channels * 9)
    for (index, weight) in weights.enumerated() {
      let (output, colour) = (index / 108, index / 36 % 3)
      let (row, column) = (index / 6 % 6, index % 6)
      let channel = 6 * (row % 2) + 3 * (column % 2) + colour
      focused[(output * channels + channel) * 9 + row / 2 * 3 + column / 2] = weight
    }
    return focused
  }

  private var picture: MapFormat { block.convolution.format }

  /// Allocates the input map for images `[N, H, W, 3]`, with `H` and `W` even, in the arena's current scope. `fill`
  /// writes it.
  func input(for shape: Shape, _ workspace: Workspace) -> TensorView {
    if let focused {
      return workspace.arena.tensor(
        Shape(batch: shape.batch, height: shape.height / 2, width: shape.width / 2, channels: focused))
    }
    return workspace.arena.tensor(
      Shape(
        batch: shape.batch, height: shape.height + 2 * Self.border, width: shape.width + 2 * Self.border, channels: 3),
      picture)
  }

  /// Writes images `[N, H, W, 3]`, with values 0 to 1, to the input map.
  ///
  /// - Parameter row: Returns one of the `N * H` rows, for which it may use the given buffer. Called on several
  ///   threads.
  func fill(
    _ input: TensorView, with shape: Shape, _ workspace: Workspace,
    row: @Sendable (_ index: Int, _ buffer: UnsafeMutablePointer<Float>) -> UnsafePointer<Float>
  ) {
    workspace.arena.scope {
      let buffers = workspace.perWorker {
        workspace.arena.tensor(Shape(height: 2, width: shape.width, channels: 3))
      }
      if focused != nil {
        workspace.parallel(shape.batch * shape.height / 2) { worker, pair in
          let buffer = buffers[worker]
          focus(
            row(2 * pair, buffer.base), row(2 * pair + 1, buffer.pixel(shape.width)),
            into: input.pixel(pair * input.shape.width), count: input.shape.width)
        }
      } else {
        let kernels = workspace.reducedPrecision
        workspace.parallel(shape.batch * input.shape.height) { worker, line in
          let (batch, y) = (line / input.shape.height, line % input.shape.height - Self.border)
          fillZeros(input.address(line * input.shape.width), picture, count: input.shape.width * 3)
          guard y >= 0, y < shape.height else { return }
          store(
            row(batch * shape.height + y, buffers[worker].base), count: shape.width * 3,
            into: input.address(line * input.shape.width + Self.border), picture, kernels)
        }
      }
    }
  }

  /// Writes two rows of the image, of `2 * count` pixels, as one row of 12 channels, followed by channels of zeros.
  private func focus(
    _ upper: UnsafePointer<Float>, _ lower: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, count: Int
  ) {
    let channels = focused ?? 12
    for pixel in 0..<count {
      let output = target + pixel * channels
      output.update(from: upper + 6 * pixel, count: 6)
      (output + 6).update(from: lower + 6 * pixel, count: 6)
      (output + 12).initialize(repeating: 0, count: channels - 12)
    }
  }
}
