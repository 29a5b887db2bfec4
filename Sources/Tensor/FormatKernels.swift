import Kernels

/// The kernels for the formats of their maps. A residual has the output's format.
extension Workspace {
  func winogradInput(_ format: MapFormat) -> KernelTable.WinogradInput {
    bfloats(format)?.winogradInput ?? kernels.winogradInput
  }

  func winogradOutput(_ format: MapFormat) -> KernelTable.WinogradTransform {
    bfloats(format)?.winogradOutput ?? kernels.winogradOutput
  }

  func stridedWinogradInput(_ format: MapFormat) -> KernelTable.StridedWinogradInput {
    bfloats(format)?.stridedWinogradInput ?? kernels.stridedWinogradInput
  }

  func stridedWinogradOutput(_ format: MapFormat) -> KernelTable.StridedWinogradTransform {
    bfloats(format)?.stridedWinogradOutput ?? kernels.stridedWinogradOutput
  }

  func weightedSum(_ format: MapFormat) -> KernelTable.WeightedSum {
    bfloats(format)?.weightedSum ?? kernels.weightedSum
  }

  /// The kernels for bfloat16 where the format is that; a convolution checks that the level has them.
  private func bfloats(_ format: MapFormat) -> NarrowKernels.BFloats? {
    assert(format.kind != .byte && (format.kind == .float32 || narrow.bfloats != nil))
    return format.kind == .bfloat16 ? narrow.bfloats : nil
  }
}
