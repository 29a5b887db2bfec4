import Tensor
import TensorTestSupport
import TestSupport
import Testing

@testable import Networks

@Suite struct StemTests {
  /// A stem with weights of its own: small multiples of 24², which Winograd's filter transform divides by, so that sums
  /// are exact.
  static func weights(outputs: Int) -> [Float] {
    var generator = SeededGenerator(seed: 11)
    return (0..<outputs * 108).map { _ in Float(Int(generator.next() >> 61) - 4) * 576 }
  }

  static func stem(outputs: Int, _ engine: Engine) throws -> Stem {
    let folder = try ScratchFolder()
    let path = folder.file("stem.safetensors")
    try SafetensorsWriter.write(
      [
        .init(name: "conv.weight", shape: [outputs, 3, 6, 6], floats: weights(outputs: outputs)),
        .init(name: "conv.bias", shape: [outputs], floats: (0..<outputs).map { Float($0) }),
      ], to: path)
    let file = try WeightFile(path: path)
    return try Stem(LayerBuilder(file, engine: engine), to: outputs)
  }

  /// As `Focus` and as it is, on several pictures at once.
  @Test(arguments: Engine.availableLevels, [16, 32, 3, 18])
  func isTheConvolutionOfTheDefinition(_ level: InstructionSetLevel, _ outputs: Int) throws {
    let engine = try Engine(level: level, threads: 2)
    let stem = try Self.stem(outputs: outputs, engine)
    for (height, width) in [(2, 2), (4, 10), (14, 8), (32, 64)] {
      let shape = Shape(batch: 2, height: height, width: width, channels: 3)
      var generator = SeededGenerator(seed: 12)
      let pictures = try Tensor(shape: shape, values: generator.bytes(shape.count).map { Float($0 % 8) })
      let reference = ReferenceConvolution(
        .init(
          inputChannels: 3, outputChannels: outputs, kernel: 6, stride: 2, padding: 2, activation: .silu),
        pictures.values, shape, weights: Self.weights(outputs: outputs), bias: (0..<outputs).map { Float($0) })
      let output = try engine.withWorkspace { workspace in
        let input = stem.input(for: shape, workspace)
        input.memory.initializeMemory(as: UInt8.self, repeating: 0xFF, count: input.shape.count * 4)
        pictures.withView { pictures in
          stem.fill(input, with: shape, workspace) { row, _ in UnsafePointer(pictures.pixel(row * width)) }
        }
        var output = try Tensor(shape: reference.shape)
        output.withMutableView { stem.block(input, into: $0, workspace) }
        return output
      }
      // Sums are integers; SiLU of numbers as large as these is the number or nothing.
      #expect(
        mismatch(output.values, reference.values, magnitudes: reference.magnitudes, .matrixProduct) == nil,
        "\(outputs) outputs of \(shape)")
    }
  }
}
