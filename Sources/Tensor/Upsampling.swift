extension Tensor {
  /// The tensor `[N, H, W, C]` with every pixel repeated twice both ways: `[N, 2H, 2W, C]`, nearest-neighbour
  /// upsampling by 2.
  ///
  /// - Throws: `TensorError.invalidShape` when the result would be too large.
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

/// Repeats every pixel twice both ways, into a view that may be a slice.
package func upsampleNearest(_ input: TensorView, into output: TensorView, _ workspace: Workspace) {
  assert(output.shape == upsampledShape(input.shape))
  let channels = input.shape.channels
  let width = input.shape.width
  workspace.parallel(input.shape.batch * input.shape.height) { _, row in
    for x in 0..<width {
      let source = input.pixel(row * width + x)
      let upper = output.pixel(4 * row * width + 2 * x)
      let lower = upper + 2 * width * output.pixelStride
      for target in [upper, upper + output.pixelStride, lower, lower + output.pixelStride] {
        target.update(from: source, count: channels)
      }
    }
  }
}
