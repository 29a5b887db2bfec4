import Tensor

/// The graph of YOLOv5 n, s, m, l and x, releases 6.0 to 7.0 (`models/yolov5s.yaml`): a CSP backbone, a path
/// aggregation neck, three heads. Each layer is named by its number there; each concatenation is one buffer into whose
/// channels the layers write.
struct YOLOv5Network: Sendable {
  let stem: ConvolutionBlock
  let down1, down3, down5, down7: ConvolutionBlock
  let c2, c4, c6, c8: C3
  let sppf9: SPPF
  let reduce10, reduce14: ConvolutionBlock
  let c13, c17, c20, c23: C3
  let down18, down21: ConvolutionBlock
  let head24: DetectHead

  /// Zeros that the stem's 6×6 kernel needs around the picture.
  static let border = 2

  init(_ weights: WeightReader, _ configuration: YOLOv5Configuration, engine: Engine) throws {
    let build = YOLOv5Build(engine: engine, epsilon: configuration.epsilon)
    let m = weights["model"]
    // Widths by the network's own scale: 64, 128, 256, 512, 1024 in YOLOv5l.
    let w = try (
      build.leadingExtent(m[0]), build.leadingExtent(m[1]), build.leadingExtent(m[3]), build.leadingExtent(m[5]),
      build.leadingExtent(m[7])
    )
    stem = try ConvolutionBlock(m[0], from: 3, to: w.0, kernel: 6, stride: 2, padding: 0, build)
    down1 = try ConvolutionBlock(m[1], from: w.0, to: w.1, kernel: 3, stride: 2, build)
    c2 = try C3(m[2], from: w.1, to: w.1, shortcut: true, build)
    down3 = try ConvolutionBlock(m[3], from: w.1, to: w.2, kernel: 3, stride: 2, build)
    c4 = try C3(m[4], from: w.2, to: w.2, shortcut: true, build)
    down5 = try ConvolutionBlock(m[5], from: w.2, to: w.3, kernel: 3, stride: 2, build)
    c6 = try C3(m[6], from: w.3, to: w.3, shortcut: true, build)
    down7 = try ConvolutionBlock(m[7], from: w.3, to: w.4, kernel: 3, stride: 2, build)
    c8 = try C3(m[8], from: w.4, to: w.4, shortcut: true, build)
    sppf9 = try SPPF(m[9], from: w.4, to: w.4, build)

    reduce10 = try ConvolutionBlock(m[10], from: w.4, to: w.3, build)
    c13 = try C3(m[13], from: 2 * w.3, to: w.3, shortcut: false, build)
    reduce14 = try ConvolutionBlock(m[14], from: w.3, to: w.2, build)
    c17 = try C3(m[17], from: 2 * w.2, to: w.2, shortcut: false, build)
    down18 = try ConvolutionBlock(m[18], from: w.2, to: w.2, kernel: 3, stride: 2, build)
    c20 = try C3(m[20], from: 2 * w.2, to: w.3, shortcut: false, build)
    down21 = try ConvolutionBlock(m[21], from: w.3, to: w.3, kernel: 3, stride: 2, build)
    c23 = try C3(m[23], from: 2 * w.3, to: w.4, shortcut: false, build)
    head24 = try DetectHead(m[24], from: [w.2, w.3, w.4], configuration, build)
  }

  /// Runs the network on pictures `[N, H + 4, W + 4, 3]`, values 0 to 1 inside a border of 2 zeros, `H` and `W`
  /// multiples of 32. The maps returned live in the arena's present scope.
  func callAsFunction(_ x: TensorView, _ workspace: Workspace) -> [TensorView] {
    let arena = workspace.arena
    let (w2, w3, w4) = (c4.outputs, c6.outputs, c8.outputs)
    func map(_ stride: Int, _ channels: Int) -> TensorView {
      arena.tensor(
        Shape(
          batch: x.shape.batch, height: (x.shape.height - 2 * Self.border) / stride,
          width: (x.shape.width - 2 * Self.border) / stride, channels: channels))
    }
    let heads = head24.outputs.enumerated().map { level, channels in map(8 << level, channels) }

    arena.scope {
      // Layers 12, 16, 19 and 22.
      let up10c6 = map(16, 2 * w3)
      let up14c4 = map(8, 2 * w2)
      let down18c14 = map(16, 2 * w2)
      let down21c10 = map(32, 2 * w3)
      let (up10, p4) = (up10c6.channels(0..<w3), up10c6.channels(w3..<2 * w3))
      let (up14, p3) = (up14c4.channels(0..<w2), up14c4.channels(w2..<2 * w2))
      let (down18Half, reduced14) = (down18c14.channels(0..<w2), down18c14.channels(w2..<2 * w2))
      let (down21Half, reduced10) = (down21c10.channels(0..<w3), down21c10.channels(w3..<2 * w3))

      arena.scope {
        let stage = (map(4, c2.outputs), map(4, c2.outputs))
        arena.scope {
          let half = map(2, stem.convolution.configuration.outputChannels)
          stem(x, into: half, workspace)
          down1(half, into: stage.0, workspace)
        }
        c2(stage.0, into: stage.1, workspace)
        let p3In = map(8, w2)
        down3(stage.1, into: p3In, workspace)
        c4(p3In, into: p3, workspace)
      }
      arena.scope {
        let p4In = map(16, w3)
        down5(p3, into: p4In, workspace)
        c6(p4In, into: p4, workspace)
        let p5 = (map(32, w4), map(32, w4))
        down7(p4, into: p5.0, workspace)
        c8(p5.0, into: p5.1, workspace)
        sppf9(p5.1, into: p5.0, workspace)
        reduce10(p5.0, into: reduced10, workspace)
      }
      arena.scope {
        upsampleNearest(reduced10, into: up10, workspace)
        let n4 = map(16, w3)
        c13(up10c6, into: n4, workspace)
        reduce14(n4, into: reduced14, workspace)
        upsampleNearest(reduced14, into: up14, workspace)
      }
      let n3 = map(8, w2)
      c17(up14c4, into: n3, workspace)
      head24(0, n3, into: heads[0], workspace)
      let n4 = map(16, w3)
      down18(n3, into: down18Half, workspace)
      c20(down18c14, into: n4, workspace)
      head24(1, n4, into: heads[1], workspace)
      let n5 = map(32, w4)
      down21(n4, into: down21Half, workspace)
      c23(down21c10, into: n5, workspace)
      head24(2, n5, into: heads[2], workspace)
    }
    return heads
  }
}

extension C3 {
  /// Output channels.
  var outputs: Int { cv3.convolution.configuration.outputChannels }
}
