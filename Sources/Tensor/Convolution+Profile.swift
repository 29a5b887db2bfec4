extension Convolution {
  /// Records a run of the convolution.
  func record(_ timer: OperatorTimer, from input: Shape, to output: Shape) {
    let c = configuration
    timer.stop(
      "convolution \(c.kernelHeight)x\(c.kernelWidth)/\(c.stride)", algorithm: algorithmName, from: input, to: output,
      multiplyAdds: output.count * c.inputChannels * c.kernelHeight * c.kernelWidth)
  }

  private var algorithmName: String {
    switch algorithm {
    case .direct: "direct"
    case .winograd: "Winograd"
    case .guardedWinograd: "guarded Winograd"
    case .winogradDots: "Winograd, bfloat16"
    case .dots: format.kind == .byte ? "int8 dot product" : "bfloat16 dot product"
    }
  }
}
