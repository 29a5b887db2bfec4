import Kernels

/// Converts `count` floats to the given format and writes them to `target`.
package func store(
  _ values: UnsafePointer<Float>, count: Int, into target: UnsafeMutableRawPointer, _ format: MapFormat,
  _ kernels: ReducedPrecisionKernels
) {
  if format.kind == .float32 {
    target.copyMemory(from: values, byteCount: count * MemoryLayout<Float>.stride)
    return
  }
  let float32 = MapFormat(.float32)
  let lanes = kernels.lanes
  let whole = count / lanes * lanes
  kernels.convert(
    ConversionOperands(source: values, sourceFormat: float32, target: target, targetFormat: format, count: whole))
  guard whole < count else { return }
  withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * lanes) { rest in
    guard let rest = rest.baseAddress else { return }
    rest.initialize(repeating: 0, count: 2 * lanes)
    rest.update(from: values + whole, count: count - whole)
    kernels.convert(
      ConversionOperands(
        source: rest, sourceFormat: float32, target: rest + lanes, targetFormat: format, count: lanes))
    (target + whole * format.byteCount).copyMemory(from: rest + lanes, byteCount: (count - whole) * format.byteCount)
  }
}

/// Fills `target` with `count` elements that stand for 0 in the given format.
package func fillZeros(_ target: UnsafeMutableRawPointer, _ format: MapFormat, count: Int) {
  let zero = format.kind == .byte ? UInt8(format.zero) : 0
  target.initializeMemory(as: UInt8.self, repeating: zero, count: count * format.byteCount)
}
