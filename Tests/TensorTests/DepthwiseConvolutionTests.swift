import TensorTestSupport
import TestSupport
import Testing

@testable import Tensor

/// Depthwise convolutions against plain loops in Double, with integers, so that they must be exact.
@Suite struct DepthwiseConvolutionTests {
  private static let windows: [Window] = [
    Window(kernel: 3, padding: 1), Window(kernel: 3, stride: 2, padding: 1), Window(kernel: 3),
    Window(kernel: 3, stride: 2), Window(kernel: 5, padding: 2), Window(kernel: 5, stride: 2, padding: 2),
    Window(kernel: 3, padding: 2, dilation: 2), Window(kernel: 3, stride: 3, padding: 4), Window(kernel: 1),
    Window(kernel: 7, padding: 3), Window(kernel: 2, stride: 2),
    Window(kernel: Extent(height: 1, width: 5), padding: Extent(height: 0, width: 2)),
    Window(
      kernel: Extent(height: 4, width: 3), stride: Extent(height: 1, width: 2), padding: Extent(height: 3, width: 0),
      dilation: Extent(height: 1, width: 2)),
    Window(
      kernel: 3, stride: Extent(height: 2, width: 1), padding: Extent(height: 0, width: 1),
      dilation: Extent(height: 3, width: 1)),
    Window(kernel: 3, stride: Extent(height: 1, width: 2), padding: 1),
  ]

  @Test(arguments: Engine.availableLevels, windows.indices)
  func everyWindow(_ level: InstructionSetLevel, _ index: Int) throws {
    let engine = try Engine(level: level, threads: 2)
    let tile = engine.kernels.depthwise
    for (height, width) in [(1, 1), (2, tile.columns), (3, tile.columns + 1), (7, 7), (9, 2 * tile.columns + 3)] {
      for channels in [engine.lanes, 2 * engine.lanes + 3] {
        try check(Self.windows[index], height, width, channels, engine)
      }
    }
  }

  @Test(arguments: Engine.availableLevels)
  func everyCountOfChannels(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 1)
    for channels in 1...2 * engine.lanes + 1 {
      for window in [Window(kernel: 3, padding: 1), Window(kernel: 3, padding: 1, dilation: 2)] {
        try check(window, 5, 9, channels, engine)
      }
    }
  }

  /// Maps that are divided into bands of rows, into ranges of channels, and into blocks that fit into the cache.
  @Test(arguments: [1, 2, 3], [Window(kernel: 3, padding: 1), Window(kernel: 2), Window(kernel: 5, stride: 2)])
  func everyPart(_ threads: Int, _ window: Window) throws {
    let engine = try Engine(threads: threads)
    for (height, width, channels) in [(64, 9, 3), (5, 400, 3), (33, 40, 37), (6, 5, 15 * engine.lanes), (7, 70, 99)] {
      try check(window, height, width, channels, engine, batch: 1)
    }
    try check(window, 21, 6, 40, engine, batch: 5)
  }

  @Test(arguments: Engine.availableLevels, Activation.allCases)
  func activationsAndResiduals(_ level: InstructionSetLevel, _ activation: Activation) throws {
    let engine = try Engine(level: level, threads: 2)
    for window in [Window(kernel: 3, padding: 1), Window(kernel: 5, padding: 2), Window(kernel: 1)] {
      for addsBefore in [nil, false, true] as [Bool?] {
        try check(window, 5, 11, engine.lanes + 3, engine, activation, addsBefore: addsBefore)
      }
    }
  }

  /// Everything is a slice of wider maps whose other channels are NaN; the residual is the output itself.
  private func check(
    _ window: Window, _ height: Int, _ width: Int, _ channels: Int, _ engine: Engine, _ activation: Activation = .none,
    addsBefore: Bool? = nil, batch: Int = 2
  ) throws {
    let shape = Shape(batch: batch, height: height, width: width, channels: channels)
    var generator = SeededGenerator(seed: 11)
    let weights = generator.integers(channels * window.positions)
    let bias = generator.integers(channels)
    let convolution = DepthwiseConvolution(
      channels: channels, window, activation: activation, addsBeforeActivation: addsBefore == true, weights: weights,
      bias: bias, engine: engine)
    let outputShape = convolution.outputShape(of: shape)
    guard outputShape.height > 0, outputShape.width > 0 else { return }
    let input = try Tensor(shape: shape, values: generator.integers(shape.count))
    let residual = try Tensor(shape: outputShape, values: generator.integers(outputShape.count))
    let wideInput = try input.widened(before: 1, after: 2)
    var wideOutput = try residual.widened(before: 2, after: 1)
    wideOutput.withMutableView { output in
      wideInput.withView { input in
        engine.withWorkspace { workspace in
          let target = output.channels(2..<2 + channels)
          convolution(
            input.channels(1..<1 + channels), into: target, adding: addsBefore == nil ? nil : target, workspace)
        }
      }
    }
    var expected: [Double] = []
    for n in 0..<outputShape.batch {
      for i in 0..<outputShape.height {
        for j in 0..<outputShape.width {
          for channel in 0..<channels {
            var sum = Double(bias[channel])
            for u in 0..<window.kernel.height {
              for v in 0..<window.kernel.width {
                let y = i * window.stride.height - window.padding.height + u * window.dilation.height
                let x = j * window.stride.width - window.padding.width + v * window.dilation.width
                guard y >= 0, x >= 0, y < height, x < width else { continue }
                let weight = weights[(channel * window.kernel.height + u) * window.kernel.width + v]
                sum += Double(input[n, y, x, channel]) * Double(weight)
              }
            }
            let added = addsBefore == nil ? 0 : Double(residual[n, i, j, channel])
            expected.append(
              addsBefore == true ? activation.reference(sum + added) : activation.reference(sum) + added)
          }
        }
      }
    }
    let found = wideOutput.channels(2..<2 + channels)
    let isExact = [.none, .relu, .relu6].contains(activation)
    #expect(
      mismatch(found, expected, magnitudes: expected.map { abs($0) + 8 }, isExact ? .exact : .activation) == nil,
      "\(window) on \(shape), \(activation), \(String(describing: addsBefore))")
    #expect(wideOutput.channels(0..<2).allSatisfy { $0.isNaN })
    #expect(wideOutput.channels(2 + channels..<3 + channels).allSatisfy { $0.isNaN })
  }
}
