/// How a convolution is computed, chosen once for each layer. The measurements behind the rules are in Docs/kernels.md.
enum ConvolutionAlgorithm: Sendable, Hashable {
  /// The direct sum as an implicit matrix product on tiles of floats, for any geometry.
  case direct
  /// Winograd's minimal filtering of a 3×3 kernel with stride 1 or 2.
  case winograd
  /// Winograd's minimal filtering, except that tiles with equal adjacent pixels are summed directly.
  case guardedWinograd
  /// Winograd's minimal filtering with stride 1 on maps of bfloat16, with bfloat16 dot products.
  case winogradDots
  /// The direct sum as an implicit matrix product on bfloat16 or int8 dot-product tiles.
  case dots

  /// Chooses the algorithm for a layer whose input has the given format.
  init(_ c: Convolution.Configuration, _ format: MapFormat, _ engine: Engine) {
    let lanes = engine.kernels.lanes
    let suitsWinograd =
      c.kernelHeight == 3 && c.kernelWidth == 3 && c.dilation == 1 && c.stride <= 2 && c.inputChannels % lanes == 0
      && c.outputChannels % lanes == 0
    switch format.kind {
    case .byte: self = .dots
    case .bfloat16: self = suitsWinograd && c.stride == 1 ? .winogradDots : .dots
    case .float32 where !suitsWinograd: self = .direct
    case .float32 where !c.preservesTies: self = .winograd
    case .float32: self = c.stride == 1 ? .guardedWinograd : .direct
    }
  }

  /// The rows and columns of a Winograd tile, in outputs.
  ///
  /// Guarded layers have large maps, where tiles of 6×6 are faster. Layers of 512 channels have small maps, where
  /// reading the weights takes most of the time, and tiles of 6×6 have nearly twice as many.
  func winogradSize(_ c: Convolution.Configuration) -> Int {
    self == .guardedWinograd && c.inputChannels <= 256 ? 6 : 4
  }

  /// The transform of the filters.
  func winogradFilters(_ c: Convolution.Configuration) -> WinogradFilters {
    c.stride == 2 ? .strided : winogradSize(c) == 6 ? .six : .four
  }
}
