import Glibc
import Tensor

/// `Detect`: a 1×1 convolution a level, and what its outputs mean.
///
/// A level's map is `[N, H, W, anchors * (5 + classes)]`: for each anchor box centre, size, objectness and class
/// scores before the sigmoid. In pixels of the network's input: `centre = (2 * sigmoid(t) - 0.5 + cell) * stride`,
/// `size = (2 * sigmoid(t))^2 * anchor`.
struct DetectHead: Sendable {
  private let convolutions: [Convolution]
  private let anchors: [[YOLOv5Configuration.Anchor]]
  private let strides: [Int]
  private let classes: Int

  init(
    _ weights: WeightReader, from inputs: [Int], _ configuration: YOLOv5Configuration, _ build: YOLOv5Build
  ) throws {
    anchors = configuration.anchors
    strides = configuration.strides
    classes = configuration.names.count
    let values = 5 + configuration.names.count
    convolutions = try inputs.enumerated().map { level, channels in
      let outputs = configuration.anchors[level].count * values
      let reader = weights["m"][level]
      return try Convolution(
        .init(inputChannels: channels, outputChannels: outputs),
        weights: reader.floats("weight", shape: [outputs, channels, 1, 1]),
        bias: reader.floats("bias", shape: [outputs]), engine: build.engine)
    }
  }

  /// The channels of each level's map.
  var outputs: [Int] { convolutions.map(\.configuration.outputChannels) }

  func callAsFunction(_ level: Int, _ x: TensorView, into y: TensorView, _ workspace: Workspace) {
    convolutions[level](x, into: y, workspace)
  }

  /// Predictions of one picture, all levels together.
  func predictions(_ maps: [TensorView]) -> Int {
    zip(maps, anchors).reduce(0) { $0 + $1.0.shape.height * $1.0.shape.width * $1.1.count }
  }

  /// Calls `body` with every prediction of picture `batch` whose objectness exceeds `threshold`: its number in
  /// PyTorch's order (level, anchor, row, column) and its values: centre x and y, width and height in pixels of the
  /// network's input, objectness, class scores.
  func decode(
    _ maps: [TensorView], batch: Int, objectness threshold: Float, _ workspace: Workspace,
    _ body: (_ number: Int, _ values: UnsafeMutablePointer<Float>) -> Void
  ) {
    let values = 5 + classes
    // A logit a little below the threshold's, so that rounding loses nothing; the sigmoid decides.
    let logit = threshold > 0 ? Self.logit(threshold) - 0.01 : -.infinity
    workspace.arena.scope {
      let lanes = workspace.kernels.lanes
      let scratch = workspace.arena.tensor(Shape(height: 1, width: 1, channels: (values + lanes) / lanes * lanes)).base
      scratch.initialize(repeating: 0, count: (values + lanes) / lanes * lanes)
      var number = 0
      for (level, map) in maps.enumerated() {
        let (height, width, stride) = (map.shape.height, map.shape.width, Float(strides[level]))
        for (index, anchor) in anchors[level].enumerated() {
          for y in 0..<height {
            var pixel = map.pixel((batch * height + y) * width) + index * values
            for x in 0..<width {
              if !(pixel[4] < logit) {
                scratch.update(from: pixel, count: values)
                workspace.kernels.sigmoid(scratch, values)
                if scratch[4] > threshold || threshold < 0 {
                  scratch[0] = (scratch[0] * 2 - 0.5 + Float(x)) * stride
                  scratch[1] = (scratch[1] * 2 - 0.5 + Float(y)) * stride
                  scratch[2] = (scratch[2] * 2) * (scratch[2] * 2) * anchor.width
                  scratch[3] = (scratch[3] * 2) * (scratch[3] * 2) * anchor.height
                  body(number, scratch)
                }
              }
              pixel += map.pixelStride
              number += 1
            }
          }
        }
      }
    }
  }

  /// `log(p / (1 - p))` for `p` above 0, infinite from 1 on.
  private static func logit(_ p: Float) -> Float {
    guard p < 1 else { return .infinity }
    return Float(log(Double(p) / (1 - Double(p))))
  }
}
