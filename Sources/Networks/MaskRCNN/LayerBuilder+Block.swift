import Tensor

extension LayerBuilder {
  /// Builds a convolution as torchvision's `Conv2dNormActivation` stores it, `0` the convolution and `1` the
  /// normalization, if there is one; or as files from before torchvision 0.13 store it, the convolution itself.
  func block(from inputs: Int, kernel: Extent, activation: Activation = .none) throws -> Convolution {
    let convolution = self[0].hasWeights ? self[0] : self
    return try convolution.convolution(normalization: self[1], from: inputs, kernel: kernel, activation: activation)
  }
}
