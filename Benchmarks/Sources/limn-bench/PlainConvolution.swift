import ArgumentParser
import Glibc
import Tensor

/// The definition of a convolution in Double, at some outputs.
struct PlainConvolution {
  let configuration: Convolution.Configuration
  let weights: [Float]

  /// Throws unless outputs all over the map are within 1e-4 of the sum of the magnitudes of what they add up.
  func check(_ output: Tensor, of input: Tensor) throws {
    let shape = output.shape
    for index in 0..<101 {
      let place = index * (shape.count - 1) / 100
      let (pixel, channel) = (place / shape.channels, place % shape.channels)
      let (y, x) = (pixel / shape.width, pixel % shape.width)
      let (value, magnitude) = sum(input, y, x, channel)
      let expected = configuration.activation == .silu ? value / (1 + exp(-value)) : value
      guard abs(Double(output[0, y, x, channel]) - expected) <= 1e-4 * magnitude else {
        throw ValidationError(
          "a convolution \(configuration) gives \(output[0, y, x, channel]) at \(y), \(x), \(channel), not \(expected)")
      }
    }
  }

  private func sum(_ input: Tensor, _ y: Int, _ x: Int, _ output: Int) -> (value: Double, magnitude: Double) {
    let c = configuration
    var (value, magnitude) = (0.0, 1e-6)
    for row in 0..<c.kernel.height {
      for column in 0..<c.kernel.width {
        let (top, left) = (
          y * c.stride.height - c.padding.height + row, x * c.stride.width - c.padding.width + column
        )
        guard (0..<input.shape.height).contains(top), (0..<input.shape.width).contains(left) else { continue }
        for channel in 0..<c.inputChannels {
          let place = ((output * c.inputChannels + channel) * c.kernel.height + row) * c.kernel.width + column
          let product = Double(weights[place]) * Double(input[0, top, left, channel])
          value += product
          magnitude += abs(product)
        }
      }
    }
    return (value, magnitude)
  }
}
