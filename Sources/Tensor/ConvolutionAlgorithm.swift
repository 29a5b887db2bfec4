/// How a convolution is computed, chosen once for each layer. The numbers behind the rules are in Docs/kernels.md.
enum ConvolutionAlgorithm: Sendable, Hashable {
  /// The implicit product, on tiles of floats: any geometry.
  case direct
  /// Winograd's minimal filtering of a 3×3 kernel, of stride 1 or 2.
  case winograd
  /// The same, but for tiles that see equal neighbours: those are summed directly.
  case guardedWinograd
  /// Winograd's of stride 1 between maps of bfloat16, with products of bfloat16.
  case winogradDots
  /// The implicit product, on tiles of dot products of bfloat16 or bytes.
  case dots

  /// - Parameter format: The input's.
  init(_ c: Convolution.Configuration, _ format: MapFormat, _ engine: Engine) {
    let lanes = engine.kernels.lanes
    let suitsWinograd =
      c.kernelHeight == 3 && c.kernelWidth == 3 && c.dilation == 1 && c.stride <= 2 && c.inputChannels % lanes == 0
      && c.outputChannels % lanes == 0
    switch format.kind {
    case .byte: self = .dots
    case .bfloat16: self = suitsWinograd && c.stride == 1 ? .winogradDots : .dots
    case .float32 where !suitsWinograd: self = .direct
    case .float32 where !c.treatsPositionsAlike: self = .winograd
    case .float32: self = c.stride == 1 ? .guardedWinograd : .direct
    }
  }

  /// Outputs of a Winograd tile, both ways. Guarded layers are those of large maps, where tiles of 6×6 gain; 512
  /// channels come with small ones, where their weights, nearly twice as many, are what takes the time.
  func winogradSize(_ c: Convolution.Configuration) -> Int {
    self == .guardedWinograd && c.inputChannels <= 256 ? 6 : 4
  }

  /// How the filters are transformed.
  func winogradFilters(_ c: Convolution.Configuration) -> WinogradFilters {
    c.stride == 2 ? .strided : winogradSize(c) == 6 ? .six : .four
  }
}
