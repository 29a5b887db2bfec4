import Kernels

/// Copies `input` into the middle of `output`, which is larger by `border` on every side, in the output's format; the
/// border becomes zeros.
package func pad(_ input: TensorView, into output: TensorView, border: Int, _ workspace: Workspace) {
  let (height, width) = (output.shape.height, output.shape.width)
  assert(input.shape.height + 2 * border == height && input.shape.width + 2 * border == width && output.isDense)
  workspace.parallel(output.shape.batch * height) { _, row in
    let y = row % height - border
    let line = output.address(row * width)
    fillZeros(line, output.format, count: width * output.shape.channels)
    guard y >= 0, y < input.shape.height else { return }
    let source = input.pixel((row / height * input.shape.height + y) * input.shape.width)
    store(
      source, count: input.shape.width * input.shape.channels, into: output.address(row * width + border),
      output.format, workspace)
  }
}

/// Writes floats in another format.
package func store(
  _ values: UnsafePointer<Float>, count: Int, into target: UnsafeMutableRawPointer, _ format: MapFormat,
  _ workspace: Workspace
) {
  if format.kind == .float32 {
    target.copyMemory(from: values, byteCount: count * MemoryLayout<Float>.stride)
    return
  }
  let float32 = MapFormat(.float32)
  let lanes = workspace.narrow.lanes
  let whole = count / lanes * lanes
  workspace.narrow.convert(values, float32, target, format, whole)
  guard whole < count else { return }
  withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * lanes) { rest in
    guard let rest = rest.baseAddress else { return }
    rest.initialize(repeating: 0, count: 2 * lanes)
    rest.update(from: values + whole, count: count - whole)
    workspace.narrow.convert(rest, float32, rest + lanes, format, lanes)
    (target + whole * format.byteCount).copyMemory(from: rest + lanes, byteCount: (count - whole) * format.byteCount)
  }
}

/// Writes what stands for 0.
package func fillZeros(_ target: UnsafeMutableRawPointer, _ format: MapFormat, count: Int) {
  let zero = format.kind == .byte ? UInt8(format.zero) : 0
  target.initializeMemory(as: UInt8.self, repeating: zero, count: count * format.byteCount)
}
