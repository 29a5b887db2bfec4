import Annotate

/// Measures the speed of each instruction-set level on layers of YOLOv5s, on one core.
struct KernelReport {
  /// A convolution of YOLOv5s at 640x640.
  private struct Layer {
    var side: Int
    var input: Int
    var output: Int
    var kernel = 1
    var stride = 1

    var name: String { "\(kernel)x\(kernel)/\(stride) \(side)x\(side) \(input) -> \(output)" }
  }

  private static let layers = [
    Layer(side: 160, input: 64, output: 64), Layer(side: 80, input: 128, output: 128),
    Layer(side: 20, input: 512, output: 512), Layer(side: 80, input: 64, output: 64, kernel: 3),
    Layer(side: 40, input: 128, output: 128, kernel: 3), Layer(side: 80, input: 128, output: 256, kernel: 3, stride: 2),
  ]
  private static let rounds = 5
  private static let columnWidth = 10

  /// The report. Measuring takes a few seconds.
  static func text() throws -> String {
    let inUse = try Engine(threads: 1)
    var engines = try Engine.availableLevels.map { try Engine(level: $0, threads: 1, usesOpenBLAS: false) }
    let names = engines.map(\.level.name)
    var columns = names
    if inUse.level == .baseline, inUse.allowsOpenBLAS {
      let withOpenBLAS = try Engine(level: .baseline, threads: 1, usesOpenBLAS: true)
      if withOpenBLAS.layerProducts.usesOpenBLAS {
        engines.insert(withOpenBLAS, at: 1)
        columns.insert("OpenBLAS", at: 1)
      }
    }
    var rows = [("GFLOP/s of one core", columns)]
    rows.append(("multiply-add peak", engines.map { rounded($0.multiplyAddPeak()) }))
    for layer in layers {
      rows.append((layer.name, try engines.map { rounded(try rate(of: layer, $0)) }))
    }
    let width = rows.map(\.0.count).max() ?? 0
    let table = rows.map { name, cells in
      name + padding(width - name.count) + cells.map { padding(columnWidth - $0.count) + $0 }.joined() + "\n"
    }
    return "levels of this CPU: \(names.joined(separator: ", "))\nin use: \(inUse.level.name)\n"
      + "matrix products: \(inUse.layerProducts)\n\n" + table.joined()
      + "\nOperations are counted as for the direct sum; Winograd's filtering, used for 3x3, needs fewer.\n"
  }

  /// The speed of a layer in GFLOP/s, with the operations of the direct sum.
  private static func rate(of layer: Layer, _ engine: Engine) throws -> Double {
    let weights = values(layer.output * layer.input * layer.kernel * layer.kernel)
    let convolution = try Convolution(
      .init(
        inputChannels: layer.input, outputChannels: layer.output, kernel: Extent(layer.kernel),
        stride: Extent(layer.stride),
        padding: Extent(layer.kernel / 2), activation: .silu),
      weights: weights, engine: engine)
    let shape = Shape(height: layer.side, width: layer.side, channels: layer.input)
    let input = try Tensor(shape: shape, values: values(shape.count))
    var output = try Tensor(shape: try convolution.outputShape(for: shape))
    var best = Double.infinity
    for _ in 0..<rounds {
      let elapsed = try ContinuousClock().measure { try convolution(input, into: &output) }
      best = min(best, elapsed / .seconds(1))
    }
    return 2 * Double(output.shape.count * weights.count / layer.output) / best * 1e-9
  }

  private static func values(_ count: Int) -> [Float] {
    (0..<count).map { Float($0 % 255) / 128 - 1 }
  }

  private static func rounded(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

  private static func padding(_ count: Int) -> String { String(repeating: " ", count: max(count, 0)) }
}
