import Tensor

/// A convolution in Double by the definition, with the sum of the absolute values of everything that was added up.
package struct ReferenceConvolution {
  package let shape: Shape
  package private(set) var values: [Double] = []
  package private(set) var magnitudes: [Double] = []

  package init(
    _ c: Convolution.Configuration, _ input: [Float], _ inputShape: Shape, weights: [Float], bias: [Float]? = nil,
    residual: [Float]? = nil
  ) {
    shape = c.expectedShape(for: inputShape)
    values.reserveCapacity(shape.count)
    magnitudes.reserveCapacity(shape.count)
    for n in 0..<shape.batch {
      for i in 0..<shape.height {
        for j in 0..<shape.width {
          for o in 0..<c.outputChannels {
            var sum = 0.0
            var magnitude = 0.0
            for u in 0..<c.kernel.height {
              let y = i * c.stride.height - c.padding.height + u * c.dilation.height
              guard y >= 0, y < inputShape.height else { continue }
              for v in 0..<c.kernel.width {
                let x = j * c.stride.width - c.padding.width + v * c.dilation.width
                guard x >= 0, x < inputShape.width else { continue }
                let pixel = ((n * inputShape.height + y) * inputShape.width + x) * inputShape.channels
                let inputs = c.inputChannels / c.groups
                let first = o / (c.outputChannels / c.groups) * inputs
                var weight = (o * inputs * c.kernel.height + u) * c.kernel.width + v
                for channel in first..<first + inputs {
                  let product = Double(input[pixel + channel]) * Double(weights[weight])
                  sum += product
                  magnitude += abs(product)
                  weight += c.kernel.height * c.kernel.width
                }
              }
            }
            append(c, sum, magnitude, bias: Double(bias?[o] ?? 0), residual: Double(residual?[values.count] ?? 0))
          }
        }
      }
    }
  }

  private mutating func append(
    _ c: Convolution.Configuration, _ sum: Double, _ magnitude: Double, bias: Double, residual: Double
  ) {
    let inner = sum + bias + (c.addsBeforeActivation ? residual : 0)
    values.append(c.activation.reference(inner) + (c.addsBeforeActivation ? 0 : residual))
    magnitudes.append(magnitude + abs(bias) + abs(residual))
  }
}

extension Convolution.Configuration {
  /// The definition of PyTorch's `Conv2d`; an extent below 1 where the kernel does not fit.
  package func expectedShape(for input: Shape) -> Shape {
    func extent(_ size: Int, _ direction: KeyPath<Extent, Int>) -> Int {
      let reach = (kernel[keyPath: direction] - 1) * dilation[keyPath: direction] + 1
      let room = size + 2 * padding[keyPath: direction] - reach
      return room < 0 ? 0 : room / stride[keyPath: direction] + 1
    }
    return Shape(
      batch: input.batch, height: extent(input.height, \.height), width: extent(input.width, \.width),
      channels: outputChannels)
  }
}
