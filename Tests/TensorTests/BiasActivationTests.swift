import Kernels
import Tensor
import TensorTestSupport
import TestSupport
import Testing

/// The last step of convolutions by OpenBLAS, on every level.
@Suite struct BiasActivationTests {
  @Test(arguments: Engine.availableLevels, Activation.allCases)
  func everyCountOfChannels(_ level: InstructionSetLevel, _ activation: Kernels.Activation) throws {
    let kernels = try Engine(level: level, threads: 1).kernels
    for channels in [1, kernels.lanes - 1, kernels.lanes, kernels.lanes + 1, 3 * kernels.lanes + 2] {
      for isBefore in [nil, false, true] { check(kernels, activation, channels, isBefore: isBefore) }
    }
  }

  private func check(_ kernels: KernelTable, _ activation: Activation, _ channels: Int, isBefore: Bool?) {
    let (pixels, lanes) = (3, kernels.lanes)
    let whole = (channels + lanes - 1) / lanes * lanes
    var generator = SeededGenerator(seed: 4)
    let sums = generator.floats(pixels * whole)
    let bias = generator.floats(whole)
    // The residual ends with its last channel.
    let (residualStride, outputStride) = (channels + 1, channels + 2)
    let residual = generator.floats((pixels - 1) * residualStride + channels)
    let untouched: Float = 9
    var output = [Float](repeating: untouched, count: pixels * outputStride)
    sums.withUnsafeBufferPointer { sums in
      bias.withUnsafeBufferPointer { bias in
        residual.withUnsafeBufferPointer { residual in
          output.withUnsafeMutableBufferPointer { output in
            guard let sums = sums.baseAddress, let bias = bias.baseAddress, let output = output.baseAddress else {
              return
            }
            kernels.maps.biasActivation(
              BiasActivationOperands(
                sums: sums, sumStride: whole, bias: bias, activation: activation,
                residual: isBefore == nil ? nil : residual.baseAddress, residualStride: residualStride,
                addsBeforeActivation: isBefore ?? false, output: output, outputStride: outputStride, count: pixels,
                channels: channels))
          }
        }
      }
    }
    for pixel in 0..<pixels {
      for channel in 0..<outputStride {
        let found = output[pixel * outputStride + channel]
        guard channel < channels else {
          #expect(found == untouched)
          continue
        }
        let added = isBefore == nil ? 0 : residual[pixel * residualStride + channel]
        var expected = sums[pixel * whole + channel] + bias[channel]
        if isBefore == true { expected += added }
        expected = Float(activation.reference(Double(expected)))
        if isBefore == false { expected += added }
        let tolerance: Float = [.silu, .hardswish, .hardsigmoid].contains(activation) ? 1e-6 : 0
        #expect(abs(found - expected) <= tolerance, "\(activation), \(channels) channels, pixel \(pixel)")
      }
    }
  }
}
