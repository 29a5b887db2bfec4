import Kernels

/// The kernels for a map's format. A residual has the format of the output.
extension Workspace {
  func winogradInput(_ format: MapFormat) -> WinogradKernels.Input {
    // Not `??`: a function inside an optional is wrapped in a closure, which is allocated.
    if let bfloats = bfloats(format) { return bfloats.winogradInput }
    return kernels.winograd.input
  }

  func winogradOutput(_ format: MapFormat) -> WinogradKernels.Output {
    if let bfloats = bfloats(format) { return bfloats.winogradOutput }
    return kernels.winograd.output
  }

  func weightedSum(_ format: MapFormat) -> MapKernels.WeightedSum {
    if let bfloats = bfloats(format) { return bfloats.weightedSum }
    return kernels.maps.weightedSum
  }

  /// The kernels for bfloat16 if that is the format, else nil. A convolution has checked that the level has them.
  private func bfloats(_ format: MapFormat) -> ReducedPrecisionKernels.BFloats? {
    assert(format.kind != .byte && (format.kind == .float32 || reducedPrecision.bfloats != nil))
    return format.kind == .bfloat16 ? reducedPrecision.bfloats : nil
  }
}

extension ReducedPrecisionKernels {
  /// The dot-product tiles for an input of the given format. A convolution has checked that the level has them.
  func dots(for format: MapFormat) -> Dots {
    assert(format.kind == .byte || bfloats != nil)
    return format.kind == .byte ? bytes : bfloats?.dots ?? bytes
  }
}
