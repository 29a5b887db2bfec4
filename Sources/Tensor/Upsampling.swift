extension Tensor {
  /// Upsamples `[N, H, W, C]` to `[N, 2H, 2W, C]`: every pixel is repeated twice in both directions (nearest
  /// neighbour).
  ///
  /// - Throws: `TensorError.invalidShape` when the result would have more than 2^32 elements.
  public func upsampledNearest(engine: Engine) throws(TensorError) -> Tensor {
    var output = try Tensor(shape: upsampledShape(shape))
    output.withMutableView { output in
      engine.withWorkspace { workspace in withView { upsampleNearest($0, into: output, workspace) } }
    }
    return output
  }
}

package func upsampledShape(_ shape: Shape) -> Shape {
  Shape(batch: shape.batch, height: shape.height * 2, width: shape.width * 2, channels: shape.channels)
}

/// Upsamples `input` to the size of `output`, which may be a slice of channels, by nearest neighbour: `y[i]` is
/// `x[floor(i * in / out)]`. Matches PyTorch's `interpolate` with `mode="nearest"`.
package func upsampleNearest(_ input: TensorView, into output: TensorView, _ workspace: Workspace) {
  assert(output.shape.batch == input.shape.batch && output.shape.channels == input.shape.channels)
  assert(output.format == input.format)
  let timer = workspace.timer
  defer { timer?.stop("upsampling", from: input.shape, to: output.shape) }
  let (height, width) = (output.shape.height, output.shape.width)
  let bytes = input.shape.channels * input.format.byteCount
  workspace.parallel(output.shape.batch * height) { _, row in
    let y = row % height * input.shape.height / height
    let line = (row / height * input.shape.height + y) * input.shape.width
    for x in 0..<width {
      let source = x * input.shape.width / width
      output.address(row * width + x).copyMemory(from: input.address(line + source), byteCount: bytes)
    }
  }
}
