import Glibc
import Tensor

/// The head `Detect` of YOLOv5: a 1×1 convolution per level, and the decoding of its outputs.
///
/// A level's map is `[N, H, W, anchors * (5 + classes)]`: for each anchor the centre, size, objectness and class scores
/// of a box, before the sigmoid. In pixels of the network's input, `centre = (2 * sigmoid(t) - 0.5 + cell) * stride`
/// and `size = (2 * sigmoid(t))^2 * anchor`.
struct DetectHead: Sendable {
  private let convolutions: [Convolution]
  private let anchors: [[YOLOv5Configuration.Anchor]]
  private let strides: [Int]
  /// The number of values per prediction.
  let values: Int

  init(
    _ layers: LayerBuilder, reading inputs: [ConvolutionBlock], _ configuration: YOLOv5Configuration
  ) throws {
    anchors = configuration.anchors
    strides = configuration.strides
    values = 5 + configuration.names.count
    let values = values
    convolutions = try inputs.enumerated().map { level, input in
      try layers["m"][level].reading(input.output.format).convolution(
        from: input.outputs, to: configuration.anchors[level].count * values, kernel: 1)
    }
  }

  /// The number of channels of each level's map.
  var outputs: [Int] { convolutions.map(\.configuration.outputChannels) }

  func callAsFunction(_ level: Int, _ x: TensorView, into y: TensorView, _ workspace: Workspace) {
    convolutions[level](x, into: y, workspace)
  }

  /// The number of predictions for one image, of all levels.
  func predictions(_ maps: [TensorView]) -> Int {
    zip(maps, anchors).reduce(0) { $0 + $1.0.shape.height * $1.0.shape.width * $1.1.count }
  }

  /// Calls `body` with every prediction for image `batch` whose objectness exceeds `threshold`, in PyTorch's order
  /// (level, anchor, row, column).
  ///
  /// Its values are centre x and y, width and height in pixels of the network's input, objectness, and class scores.
  /// `body` may allocate in the arena's current scope.
  func decode(
    _ maps: [TensorView], batch: Int, objectness threshold: Float, _ workspace: Workspace,
    _ body: (_ values: UnsafeMutablePointer<Float>) -> Void
  ) {
    // A logit slightly below that of the threshold, so that rounding loses no prediction; the sigmoid decides.
    let logit = threshold > 0 ? Self.logit(threshold) - 0.01 : -.infinity
    let values = scratch(workspace)
    for (level, map) in maps.enumerated() {
      for anchor in anchors[level].indices {
        for y in 0..<map.shape.height {
          let row = (batch * map.shape.height + y) * map.shape.width
          for x in 0..<map.shape.width where !(objectness(map, row + x, anchor) < logit) {
            let logits = scratch(values, map.pixel(row + x) + anchor * self.values)
            decode(logits, level: level, anchor: anchor, x: x, y: y, into: values, workspace.kernels.maps)
            if values[4] > threshold { body(values) }
          }
        }
      }
    }
  }

  /// Writes all predictions for all images, `[N, P, 5 + classes]`, in PyTorch's order.
  func decodeAll(_ maps: [TensorView], into output: UnsafeMutablePointer<Float>, _ workspace: Workspace) {
    let total = predictions(maps)
    let (lanes, kernels) = (workspace.kernels.lanes, workspace.kernels.maps)
    nonisolated(unsafe) let output = output
    let wholeVectors = (values + lanes - 1) / lanes * lanes
    var first = 0
    workspace.arena.scope {
      let scratches = workspace.perWorker { scratch(workspace) }
      for (level, map) in maps.enumerated() {
        let (height, width) = (map.shape.height, map.shape.width)
        let count = anchors[level].count
        let start = first
        workspace.parallel(map.shape.batch * count * height) { worker, row in
          let (batch, anchor, y) = (row / (count * height), row / height % count, row % height)
          var target = output + (batch * total + start + (anchor * height + y) * width) * values
          for x in 0..<width {
            let logits = map.pixel((batch * height + y) * width + x) + anchor * values
            // Whole vectors are written. Values beyond a prediction are overwritten by the next ones in the row.
            if (width - x) * values >= wholeVectors {
              decode(logits, level: level, anchor: anchor, x: x, y: y, into: target, kernels)
            } else {
              let last = scratch(scratches[worker], logits)
              decode(last, level: level, anchor: anchor, x: x, y: y, into: scratches[worker], kernels)
              target.update(from: scratches[worker], count: values)
            }
            target += values
          }
        }
        first += count * height * width
      }
    }
  }

  private func objectness(_ map: TensorView, _ pixel: Int, _ anchor: Int) -> Float {
    map.pixel(pixel)[anchor * values + 4]
  }

  /// Decodes one prediction. Whole vectors are read and written; `logits` may be `target`.
  private func decode(
    _ logits: UnsafePointer<Float>, level: Int, anchor: Int, x: Int, y: Int, into target: UnsafeMutablePointer<Float>,
    _ kernels: MapKernels
  ) {
    let (size, stride) = (anchors[level][anchor], Float(strides[level]))
    kernels.sigmoid(logits, target, values)
    target[0] = (target[0] * 2 - 0.5 + Float(x)) * stride
    target[1] = (target[1] * 2 - 0.5 + Float(y)) * stride
    target[2] = (target[2] * 2) * (target[2] * 2) * size.width
    target[3] = (target[3] * 2) * (target[3] * 2) * size.height
  }

  /// Copies one prediction to memory that can be read in whole vectors.
  private func scratch(
    _ copy: UnsafeMutablePointer<Float>, _ logits: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    copy.update(from: logits, count: values)
    return UnsafePointer(copy)
  }

  /// Allocates memory for one prediction, in whole vectors.
  private func scratch(_ workspace: Workspace) -> UnsafeMutablePointer<Float> {
    let count = values + workspace.kernels.lanes
    let scratch = workspace.arena.tensor(Shape(height: 1, width: 1, channels: count)).base
    scratch.initialize(repeating: 0, count: count)
    return scratch
  }

  /// The inverse of the sigmoid, `log(p / (1 - p))`, for `p` above 0; infinite if `p` is at least 1.
  private static func logit(_ p: Float) -> Float {
    guard p < 1 else { return .infinity }
    return Float(log(Double(p) / (1 - Double(p))))
  }
}
