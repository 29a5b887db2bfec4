extension Convolution {
  /// Records a run of the convolution.
  func record(_ timer: OperatorTimer, from input: Shape, to output: Shape) {
    let c = configuration
    let stride = c.stride.height == c.stride.width ? "\(c.stride.width)" : c.stride.description
    timer.stop(
      "convolution \(c.kernel)/\(stride)", algorithm: algorithm.name, from: input, to: output,
      multiplyAdds: output.pixels * c.weightCount)
  }
}
