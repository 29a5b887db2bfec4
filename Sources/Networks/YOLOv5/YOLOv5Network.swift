import Tensor

/// The graph of YOLOv5 n, s, m, l and x, releases 6.0 to 7.0 (`models/yolov5s.yaml`): a CSP backbone, a path
/// aggregation neck and three heads.
///
/// Each layer is named for its number there. Each concatenation is one map, to whose channels the layers write.
struct YOLOv5Network: Sendable {
  let stem: Stem
  let down1, down3, down5, down7: ConvolutionBlock
  let c2, c4, c6, c8: C3
  let sppf9: SPPF
  let reduce10, reduce14: ConvolutionBlock
  let c13, c17, c20, c23: C3
  let down18, down21: ConvolutionBlock
  let head24: DetectHead

  init(_ layers: LayerBuilder, _ configuration: YOLOv5Configuration) throws {
    let m = layers["model"]
    // The widths of the network's scale: 64, 128, 256, 512, 1024 in YOLOv5l.
    let w = try (m[0].width, m[1].width, m[3].width, m[5].width, m[7].width)
    // Concatenations 12 and 22 share layer 10, and 16 and 19 share layer 14, so each pair has one format.
    let (deep, shallow) = try (m[12].map, m[16].map)
    func down(
      _ index: Int, from input: ConvolutionBlock, to outputs: Int, writing output: NamedMap? = nil
    ) throws -> ConvolutionBlock {
      try ConvolutionBlock(
        m[index], from: input.outputs, to: outputs, kernel: 3, stride: 2, reading: input.output.format,
        writing: output ?? m[index].map)
    }
    func reduce(
      _ index: Int, from input: ConvolutionBlock, to outputs: Int, writing output: NamedMap
    ) throws -> ConvolutionBlock {
      try ConvolutionBlock(
        m[index], from: input.outputs, to: outputs, reading: input.output.format, writing: output)
    }
    func c3(
      _ index: Int, from input: ConvolutionBlock, to outputs: Int, writing output: NamedMap? = nil
    ) throws -> C3 {
      try C3(
        m[index], from: input.outputs, to: outputs, shortcut: true, reading: input.output.format, writing: output)
    }
    func c3(_ index: Int, joining half: Int, in map: NamedMap, to outputs: Int) throws -> C3 {
      try C3(m[index], from: 2 * half, to: outputs, shortcut: false, reading: map.format)
    }

    stem = try Stem(m[0], to: w.0)
    down1 = try down(1, from: stem.block, to: w.1)
    c2 = try c3(2, from: down1, to: w.1)
    down3 = try down(3, from: c2.cv3, to: w.2)
    c4 = try c3(4, from: down3, to: w.2, writing: shallow)
    down5 = try down(5, from: c4.cv3, to: w.3)
    c6 = try c3(6, from: down5, to: w.3, writing: deep)
    down7 = try down(7, from: c6.cv3, to: w.4)
    c8 = try c3(8, from: down7, to: w.4)
    sppf9 = try SPPF(m[9], from: w.4, to: w.4, reading: c8.cv3.output.format)

    reduce10 = try reduce(10, from: sppf9.cv2, to: w.3, writing: deep)
    c13 = try c3(13, joining: w.3, in: deep, to: w.3)
    reduce14 = try reduce(14, from: c13.cv3, to: w.2, writing: shallow)
    c17 = try c3(17, joining: w.2, in: shallow, to: w.2)
    down18 = try down(18, from: c17.cv3, to: w.2, writing: shallow)
    c20 = try c3(20, joining: w.2, in: shallow, to: w.3)
    down21 = try down(21, from: c20.cv3, to: w.3, writing: deep)
    c23 = try c3(23, joining: w.3, in: deep, to: w.4)
    head24 = try DetectHead(m[24], reading: [c17, c20, c23].map(\.cv3), configuration)
  }

  /// Runs the network on an image in its letterbox. Returns the heads' maps, valid in the arena's current scope.
  func callAsFunction(
    _ image: Image, _ letterbox: Letterbox, _ workspace: Workspace
  ) throws(CancellationError) -> [TensorView] {
    let shape = Shape(height: letterbox.target.height, width: letterbox.target.width, channels: 3)
    let x = stem.input(for: shape, workspace)
    letterbox.fill(x, of: stem, with: image, workspace)
    return try self(x, shape, workspace)
  }

  /// Runs the network on images `[N, H, W, 3]`, with values 0 to 1 and `H` and `W` multiples of 32. Returns the heads'
  /// maps, valid in the arena's current scope.
  func callAsFunction(_ pictures: TensorView, _ workspace: Workspace) throws(CancellationError) -> [TensorView] {
    let x = stem.input(for: pictures.shape, workspace)
    stem.fill(x, with: pictures.shape, workspace) { row, _ in
      UnsafePointer(pictures.pixel(row * pictures.shape.width))
    }
    return try self(x, pictures.shape, workspace)
  }

  /// Runs the network on the stem's input map for images of the given shape.
  private func callAsFunction(
    _ x: TensorView, _ pictures: Shape, _ workspace: Workspace
  ) throws(CancellationError) -> [TensorView] {
    let arena = workspace.arena
    let (w2, w3, w4) = (c4.outputs, c6.outputs, c8.outputs)
    func map(_ stride: Int, _ channels: Int, _ format: MapFormat) -> TensorView {
      arena.tensor(
        Shape(
          batch: pictures.batch, height: pictures.height / stride, width: pictures.width / stride, channels: channels),
        format)
    }
    func map(_ stride: Int, _ channels: Int, of block: ConvolutionBlock) -> TensorView {
      map(stride, channels, block.output.format)
    }
    // Concatenation 16. The other long-lived maps are allocated later, in the memory of the large first maps.
    let up14c4 = map(8, 2 * w2, of: reduce14)
    let (up14, p3) = (up14c4.channels(0..<w2), up14c4.channels(w2..<2 * w2))
    arena.scope {
      let stage = (map(4, c2.outputs, of: down1), map(4, c2.outputs, of: c2.cv3))
      arena.scope {
        let half = map(2, stem.block.outputs, of: stem.block)
        stem.block(x, into: half, workspace)
        down1(half, into: stage.0, workspace)
      }
      c2(stage.0, into: stage.1, workspace)
      let p3In = map(8, w2, of: down3)
      down3(stage.1, into: p3In, workspace)
      c4(p3In, into: p3, workspace)
    }
    try workspace.checkCancellation()

    let heads = head24.outputs.enumerated().map { level, channels in map(8 << level, channels, .init(.float32)) }
    try arena.scope { () throws(CancellationError) in
      // Concatenations 12, 19 and 22.
      let up10c6 = map(16, 2 * w3, of: reduce10)
      let down18c14 = map(16, 2 * w2, of: reduce14)
      let down21c10 = map(32, 2 * w3, of: reduce10)
      let (up10, p4) = (up10c6.channels(0..<w3), up10c6.channels(w3..<2 * w3))
      let (down18Half, reduced14) = (down18c14.channels(0..<w2), down18c14.channels(w2..<2 * w2))
      let (down21Half, reduced10) = (down21c10.channels(0..<w3), down21c10.channels(w3..<2 * w3))

      arena.scope {
        let p4In = map(16, w3, of: down5)
        down5(p3, into: p4In, workspace)
        c6(p4In, into: p4, workspace)
        let p5 = (map(32, w4, of: down7), map(32, w4, of: c8.cv3))
        let p5Pooled = map(32, w4, of: sppf9.cv2)
        down7(p4, into: p5.0, workspace)
        c8(p5.0, into: p5.1, workspace)
        sppf9(p5.1, into: p5Pooled, workspace)
        reduce10(p5Pooled, into: reduced10, workspace)
      }
      try workspace.checkCancellation()
      arena.scope {
        Upsampling.nearest(reduced10, into: up10, workspace)
        let n4 = map(16, w3, of: c13.cv3)
        c13(up10c6, into: n4, workspace)
        reduce14(n4, into: reduced14, workspace)
        Upsampling.nearest(reduced14, into: up14, workspace)
      }
      try workspace.checkCancellation()
      let n3 = map(8, w2, of: c17.cv3)
      c17(up14c4, into: n3, workspace)
      head24(0, n3, into: heads[0], workspace)
      let n4 = map(16, w3, of: c20.cv3)
      down18(n3, into: down18Half, workspace)
      c20(down18c14, into: n4, workspace)
      head24(1, n4, into: heads[1], workspace)
      try workspace.checkCancellation()
      let n5 = map(32, w4, of: c23.cv3)
      down21(n4, into: down21Half, workspace)
      c23(down21c10, into: n5, workspace)
      head24(2, n5, into: heads[2], workspace)
    }
    return heads
  }
}

extension C3 {
  /// The number of output channels.
  var outputs: Int { cv3.outputs }
}
