import Tensor
import TestSupport
import Testing

@testable import Networks

/// Layers from small files, compared with the definitions.
struct LayerBuilderTests {
  private let folder: ScratchFolder
  private let engine: Engine

  init() throws {
    folder = try ScratchFolder()
    engine = try Engine(threads: 1)
  }

  private func layers(_ tensors: [SafetensorsWriter.Tensor], epsilon: Double = 1e-5) throws -> LayerBuilder {
    let path = folder.file("layers.safetensors")
    try SafetensorsWriter.write(tensors, to: path)
    return try LayerBuilder(WeightFile(path: path), epsilon: epsilon, engine: engine)
  }

  private func error(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return "\(error)".replacing(folder.file("layers.safetensors"), with: "FILE")
    }
  }

  @Test func aConvolutionIsReadFromTheShapesOfItsWeights() throws {
    let layers = try layers([
      .init(name: "a.b.0.weight", shape: [2, 3, 3, 3], floats: .init(repeating: 1, count: 54)),
      .init(name: "a.b.0.bias", shape: [2], floats: [10, 20]),
    ])
    #expect(layers["a"]["b"].count == 1 && layers["a"].count == 1 && layers.count == 1)
    #expect(layers["a.b"][0].hasWeights && !layers["a.b"].hasWeights && !layers["c"].hasWeights)
    let convolution = try layers["a"]["b"][0].convolution(stride: 2, activation: .relu, addsBeforeActivation: true)
    let c = convolution.configuration
    #expect(c.inputChannels == 3 && c.outputChannels == 2)
    #expect(c.activation == .relu && c.addsBeforeActivation && !c.preservesTies)
    // The border of one zero on each side is half of the kernel.
    let ones = try Tensor(shape: Shape(height: 4, width: 4, channels: 3), repeating: 1)
    let output = try convolution(ones)
    #expect(output.shape == Shape(height: 2, width: 2, channels: 2))
    #expect(output.values == [22, 32, 28, 38, 28, 38, 37, 47])
    try layers.finish()
  }

  @Test func aNormalizationIsFoldedIn() throws {
    func tensors(bias: Bool) -> [SafetensorsWriter.Tensor] {
      [
        .init(name: "conv.weight", shape: [2, 1, 1, 1], floats: [3, 5]),
        .init(name: "bn.weight", shape: [2], floats: [4, -2]),
        .init(name: "bn.bias", shape: [2], floats: [1, 2]),
        .init(name: "bn.running_mean", shape: [2], floats: [7, 11]),
        .init(name: "bn.running_var", shape: [2], floats: [3, 15]),
        .init(name: "bn.num_batches_tracked", dtype: .int64, shape: [], bytes: .init(repeating: 0, count: 8)),
      ] + (bias ? [.init(name: "conv.bias", shape: [2], floats: [100, 200])] : [])
    }
    let two = try Tensor(shape: Shape(height: 1, width: 1, channels: 1), values: [2])
    // (2 * 3 - 7) * 4 / sqrt(3 + 1) + 1 and (2 * 5 - 11) * -2 / sqrt(15 + 1) + 2.
    let plain = try layers(tensors(bias: false), epsilon: 1)
    #expect(try plain["conv"].convolution(normalization: plain["bn"])(two).values == [-1, 2.5])
    try plain.finish()
    let biased = try layers(tensors(bias: true), epsilon: 1)
    #expect(try biased["conv"].convolution(normalization: biased["bn"], bias: true)(two).values == [199, -97.5])
    try biased.finish()
    // A bias that is not asked for is left over.
    let unread = try layers(tensors(bias: true), epsilon: 1)
    _ = try unread["conv"].convolution(normalization: unread["bn"])
    #expect(error { try unread.finish() } == "FILE has 1 tensor that the network does not use: conv.bias")
    // A place without tensors stands for a normalization that was folded before.
    #expect(try biased["conv"].convolution(normalization: biased["none"])(two).values == [106, 210])
    #expect(try biased["conv"].convolution(bias: false)(two).values == [6, 10])
  }

  @Test func aNormalizationMayStandByItself() throws {
    let layers = try layers(
      [
        .init(name: "norm.weight", shape: [2], floats: [4, -2]),
        .init(name: "norm.bias", shape: [2], floats: [1, 2]),
        .init(name: "norm.running_mean", shape: [2], floats: [7, 11]),
        .init(name: "norm.running_var", shape: [2], floats: [3, 15]),
        .init(name: "bad.weight", shape: [1], floats: [1]), .init(name: "bad.bias", shape: [1], floats: [1]),
        .init(name: "bad.running_mean", shape: [1], floats: [.infinity]),
        .init(name: "bad.running_var", shape: [1], floats: [1]),
      ], epsilon: 1)
    let pixels = try Tensor(shape: Shape(height: 1, width: 2, channels: 2), values: [6, 10, 8, 19])
    #expect(try layers["norm"].batchNormalization()(pixels).values == [-1, 2.5, 3, -2])
    #expect(try layers["norm"].batchNormalization(activation: .relu)(pixels).values == [0, 2.5, 3, 0])
    #expect(
      error { _ = try layers["bad"].batchNormalization() } == "FILE: 1 of 2 weights and biases of bad are not finite")
  }

  /// Groups, unequal kernels and strides: the groups are the only thing that the shape of the weights does not say.
  @Test func groupsAndExtentsAreThoseOfTheCall() throws {
    let layers = try layers([
      .init(name: "weight", shape: [4, 1, 1, 3], floats: [1, 2, 3, 0, 1, 0, 4, 5, 6, 0, 0, 1]),
      .init(name: "bias", shape: [4], floats: [0, 0, 0, 100]),
    ])
    let convolution = try layers.convolution(stride: Extent(height: 1, width: 2), groups: 2)
    let c = convolution.configuration
    #expect(c.inputChannels == 2 && c.outputChannels == 4 && c.groups == 2)
    #expect(c.kernel == Extent(height: 1, width: 3) && c.padding == Extent(height: 0, width: 1))
    let row = try Tensor(shape: Shape(height: 1, width: 4, channels: 2), values: [1, 10, 2, 20, 3, 30, 4, 40])
    // Of 0, 1, 2 and of 2, 3, 4; outputs 0 and 1 of the first channel, 2 and 3 of the second.
    #expect(try convolution(row).values == [8, 1, 170, 120, 20, 3, 470, 140])
    #expect(try layers.convolution(padding: 0, dilation: 1, groups: 2).configuration.padding == 0)
    #expect(
      try layers.convolution(dilation: Extent(height: 1, width: 3), groups: 2).configuration.padding
        == Extent(height: 0, width: 3))
  }

  @Test func aLinearLayerReordersTheColumnsOfAFlattenedMap() throws {
    let layers = try layers([
      .init(name: "fc.weight", shape: [2, 6], floats: [1, 2, 3, 4, 5, 6, 0, 0, 0, 1, 0, 0]),
      .init(name: "fc.bias", shape: [2], floats: [0.5, -10]),
    ])
    // Three channels of two pixels: the columns are channel by channel.
    let input = try Tensor(shape: Shape(height: 1, width: 1, channels: 6), values: [1, 10, 100, 1000, 10000, 100000])
    let flattened = try layers["fc"].linear(positions: 2)
    #expect(flattened.inputs == 6 && flattened.outputs == 2)
    #expect(try apply(flattened, input) == [642531.5, 9990])
    #expect(try apply(layers["fc"].linear(activation: .relu), input) == [654321.5, 990])
    #expect(try apply(layers["fc"].linear(from: 6, bias: false), input) == [654321, 1000])
    #expect(
      error { _ = try layers["fc"].linear(positions: 4) }
        == "the positions must divide the 6 columns of fc.weight, got 4")
    #expect(
      error { _ = try layers["fc"].linear(positions: 0) }
        == "the positions must divide the 6 columns of fc.weight, got 0")
    #expect(
      error { _ = try layers["fc"].linear(from: 5) } == "FILE: fc.weight has shape [2, 6], but [2, 5] was expected")
  }

  private func apply(_ layer: Linear, _ input: Tensor) throws -> [Float] { try layer(input).values }

  @Test func aTransposedConvolutionHasItsOutputsSecond() throws {
    let layers = try layers(
      [
        .init(name: "up.weight", shape: [2, 1, 2, 2], floats: [1, 2, 3, 4, 10, 20, 30, 40]),
        .init(name: "up.bias", shape: [1], floats: [0.5]),
        .init(name: "wide.weight", shape: [2, 2, 1, 1], floats: [1, 2, 3, 4]),
        .init(name: "bn.weight", shape: [2], floats: [4, -2]), .init(name: "bn.bias", shape: [2], floats: [1, 2]),
        .init(name: "bn.running_mean", shape: [2], floats: [7, 11]),
        .init(name: "bn.running_var", shape: [2], floats: [3, 15]),
      ], epsilon: 1)
    let pixel = try Tensor(shape: Shape(height: 1, width: 1, channels: 2), values: [1, 2])
    let upsampled = try layers["up"].transposedConvolution(stride: 2)(pixel)
    #expect(upsampled.shape == Shape(height: 2, width: 2, channels: 1))
    #expect(upsampled.values == [21.5, 42.5, 63.5, 84.5])
    // 1 * 1 + 2 * 3 and 1 * 2 + 2 * 4, normalized: (7 - 7) * 2 + 1 and (10 - 11) / -2 + 2.
    #expect(
      try layers["wide"].transposedConvolution(normalization: layers["bn"])(pixel).values == [1, 2.5])
    try layers.finish()
  }

  @Test func tensorsThatDoNotSuitAreErrorsWithTheNumbers() throws {
    let layers = try layers([
      .init(name: "flat.weight", shape: [2, 3], floats: .init(repeating: 1, count: 6)),
      .init(name: "empty.weight", shape: [2, 0, 3, 3], floats: []),
      .init(name: "conv.weight", shape: [2, 3, 1, 1], floats: [1, 2, .nan, 4, 5, -.infinity]),
      .init(name: "conv.bias", shape: [2], floats: [0, .infinity]),
      .init(name: "odd.weight", shape: [1, 1, 1, 1], floats: [1]), .init(name: "odd.bias", shape: [1], floats: [0]),
      .init(name: "fc.weight", shape: [1, 2], floats: [0, .nan]),
      .init(name: "fc.bias", shape: [3], floats: [0, 0, 0]),
    ])
    #expect(error { _ = try layers["none"].convolution() } == "FILE lacks the tensor none.weight")
    #expect(
      error { _ = try layers["flat"].convolution() }
        == "FILE: flat.weight has shape [2, 3], but 4 dimensions of 1 to 1048576 were expected")
    #expect(
      error { _ = try layers["empty"].convolution() }
        == "FILE: empty.weight has shape [2, 0, 3, 3], but 4 dimensions of 1 to 1048576 were expected")
    #expect(
      error { _ = try layers["conv"].linear() }
        == "FILE: conv.weight has shape [2, 3, 1, 1], but 2 dimensions of 1 to 1048576 were expected")
    #expect(
      error { _ = try layers["conv"].convolution() } == "FILE: 3 of 8 weights and biases of conv are not finite")
    #expect(
      error { _ = try layers["conv"].convolution(from: 4) }
        == "FILE: conv.weight has shape [2, 3, 1, 1], but [2, 4, 1, 1] was expected")
    #expect(
      error { _ = try layers["conv"].convolution(to: 7, kernel: Extent(height: 3, width: 1)) }
        == "FILE: conv.weight has shape [2, 3, 1, 1], but [7, 3, 3, 1] was expected")
    #expect(error { _ = try layers["fc"].linear() } == "FILE: 1 of 2 elements of fc.weight are not finite")
    #expect(error { _ = try layers["flat"].linear() } == "FILE lacks the tensor flat.bias")
    for groups in [0, -1, Int.max] {
      #expect(
        error { _ = try layers["conv"].convolution(groups: groups) }
          == "FILE: conv: groups must be 1 to 1048576, got \(groups)")
    }
    #expect(
      error { _ = try layers["conv"].convolution(from: 3, groups: 2) }
        == "FILE: conv: 2 groups do not divide the 3 input channels")
    #expect(
      error { _ = try layers["conv"].convolution(groups: 3) }
        == "FILE: conv: 3 groups do not divide the 2 outputs of the weights [2, 3, 1, 1]")
    #expect(
      error { _ = try layers["odd"].convolution(stride: -1) }
        == "FILE: odd: stride.height must be 1 to 1024, got -1")
  }

  @Test func tensorsThatShareElementsAreRefused() throws {
    let path = try folder.write(
      checkpoint(Pickle.dict([("a.weight", Pickle.tensor()), ("b.weight", Pickle.tensor())])))
    let file = try WeightFile(path: path)
    #expect(throws: WeightFileError.self) { try LayerBuilder(file, engine: engine) }
  }

  @Test func aRecordedTensorIsReadInTheOrderOfPixels() throws {
    let path = folder.file("image.safetensors")
    let values = (0..<12).map { Float($0) }
    try SafetensorsWriter.write(
      [
        .init(name: "nchw", shape: [2, 3, 1, 2], floats: values), .init(name: "chw", shape: [3, 2, 2], floats: values),
        .init(name: "nc", shape: [4, 3], floats: values), .init(name: "n", shape: [12], floats: values),
        .init(name: "none", shape: [2, 0, 2, 2], floats: []),
      ], to: path)
    let file = try WeightFile(path: path)
    let nchw = try file.tensor("nchw")
    #expect(nchw.shape == Shape(batch: 2, height: 1, width: 2, channels: 3))
    #expect(nchw.values == [0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11])
    let chw = try file.tensor("chw")
    #expect(chw.shape == Shape(height: 2, width: 2, channels: 3))
    #expect(chw.values == [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11])
    let rows = try file.tensor("nc")
    #expect(rows.shape == Shape(batch: 4, height: 1, width: 1, channels: 3))
    #expect(rows.values == values)
    for (name, shape) in [("n", [12]), ("none", [2, 0, 2, 2])] {
      #expect(
        throws: WeightFileError.malformed(
          path: path, detail: "\(name) has shape \(shape), but a tensor needs 2 to 4 dimensions of 1 to 1048576")
      ) { try file.tensor(name) }
    }
    #expect(throws: WeightFileError.missing(path: path, key: "x")) { try file.tensor("x") }
  }
}
