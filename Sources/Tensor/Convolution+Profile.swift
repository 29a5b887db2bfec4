extension Convolution {
  /// Records a run of the convolution.
  func record(_ timer: OperatorTimer, from input: Shape, to output: Shape) {
    let c = configuration
    timer.stop(
      "convolution \(c.kernelHeight)x\(c.kernelWidth)/\(c.stride)", algorithm: algorithmName, from: input, to: output,
      multiplyAdds: output.count * c.inputChannels * c.kernelHeight * c.kernelWidth)
  }

  private var algorithmName: String {
    guard usesWinograd else { return "direct" }
    return guardsFlatParts ? "guarded Winograd" : "Winograd"
  }
}
