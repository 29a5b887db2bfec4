import Tensor

/// What every layer of the network is built with.
struct MaskRCNNBuild {
  let engine: Engine
  /// Of the batch normalizations: 0 in `maskrcnn_resnet50_fpn`, whose normalizations are frozen, 1e-5 in `_v2`.
  let epsilon: Double
  /// Of the maps between layers.
  let format: MapFormat
  /// Whether equal inputs must give equal outputs wherever they lie. What leads to the proposals needs it: flat parts of
  /// a picture have equal scores by the hundred, and which of them the suppression keeps must not hang on rounding.
  var treatsPositionsAlike = true

  /// Outputs that no layer exceeds: the widest have 2048.
  static let widest = 8192

  /// A convolution as torchvision's `Conv2dNormActivation` stores it: `0` the convolution, `1` the normalization where
  /// there is one; or, in files from before torchvision 0.13, the convolution itself.
  ///
  /// The widths come from the shape in the file; `inputs`, where given, must agree.
  func block(
    _ place: WeightReader, from inputs: Int, kernel: Int, activation: Activation = .none
  ) throws -> Convolution {
    let convolution = place[0].contains("weight") ? place[0] : place
    return try layer(convolution, place[1], from: inputs, kernel: kernel, activation: activation)
  }

  /// A convolution and the normalization behind it, if there is one.
  func layer(
    _ convolution: WeightReader, _ normalization: WeightReader, from inputs: Int, kernel: Int, stride: Int = 1,
    padding: Int? = nil, activation: Activation = .none, addsBeforeActivation: Bool = false
  ) throws -> Convolution {
    let outputs = try leadingExtent(convolution, rank: 4)
    let folded = try FoldedWeights(
      convolution, normalization, [outputs, inputs, kernel, kernel], epsilon: epsilon)
    return try Convolution(
      .init(
        inputChannels: inputs, outputChannels: outputs, kernelSize: kernel, stride: stride,
        padding: padding ?? kernel / 2, activation: activation, addsBeforeActivation: addsBeforeActivation,
        treatsPositionsAlike: treatsPositionsAlike),
      weights: folded.weights, bias: folded.bias, format: format, engine: engine)
  }

  /// A fully connected layer on `positions` pixels of `inputs` channels each; the file has its columns by channel, the
  /// network by pixel.
  func linear(
    _ place: WeightReader, from inputs: Int, positions: Int = 1, to outputs: Int, format: MapFormat,
    activation: Activation = .none
  ) throws -> Linear {
    let columns = inputs * positions
    var weights = try finite(place, "weight", [outputs, columns])
    if positions > 1 {
      let source = weights
      for output in 0..<outputs {
        for input in 0..<inputs {
          for position in 0..<positions {
            weights[output * columns + position * inputs + input] =
              source[
                output * columns + input * positions + position]
          }
        }
      }
    }
    return try Linear(
      inputs: columns, outputs: outputs, weights: weights, bias: finite(place, "bias", [outputs]),
      activation: activation, format: format, engine: engine)
  }

  /// A transposed 2×2 convolution of stride 2 as a 1×1 to `[2][2][outputs]` channels.
  func transposed(_ place: WeightReader, from inputs: Int, activation: Activation) throws -> Convolution {
    let shape = try place.shape(of: "weight")
    guard shape.count == 4, (1...Self.widest).contains(shape[1]) else {
      throw WeightFileError.malformed(
        path: place.file.path,
        detail: "\(place.key("weight")) has shape \(shape), 4 sizes to at most \(Self.widest) channels are due")
    }
    let outputs = shape[1]
    let source = try finite(place, "weight", [inputs, outputs, 2, 2])
    let bias = try finite(place, "bias", [outputs])
    var weights = [Float](repeating: 0, count: source.count)
    for input in 0..<inputs {
      for output in 0..<outputs {
        for position in 0..<4 {
          weights[(position * outputs + output) * inputs + input] = source[(input * outputs + output) * 4 + position]
        }
      }
    }
    return try Convolution(
      .init(inputChannels: inputs, outputChannels: 4 * outputs, activation: activation), weights: weights,
      bias: bias + bias + bias + bias, format: format, engine: engine)
  }

  /// A tensor that must hold numbers only.
  func finite(_ place: WeightReader, _ name: String, _ shape: [Int]) throws(WeightFileError) -> [Float] {
    let values = try place.floats(name, shape: shape)
    guard values.areFinite else {
      throw .malformed(path: place.file.path, detail: "\(printable(place.key(name))) is not finite")
    }
    return values
  }

  /// The outputs of a layer, from the shape of its weights.
  func leadingExtent(_ place: WeightReader, rank: Int) throws(WeightFileError) -> Int {
    let shape = try place.shape(of: "weight")
    guard shape.count == rank, let outputs = shape.first, (1...Self.widest).contains(outputs) else {
      throw .malformed(
        path: place.file.path,
        detail: "\(place.key("weight")) has shape \(shape), \(rank) sizes to at most \(Self.widest) outputs are due")
    }
    return outputs
  }
}
