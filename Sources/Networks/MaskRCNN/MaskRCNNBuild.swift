import Tensor

/// The parameters that all layers of the network are built with.
struct MaskRCNNBuild {
  let engine: Engine
  /// The epsilon of the batch normalizations: 0 in `maskrcnn_resnet50_fpn`, whose normalizations are frozen, 1e-5 in
  /// `_v2`.
  let epsilon: Double
  /// The format of the maps between layers.
  let format: MapFormat
  /// Whether equal inputs must give equal outputs wherever they lie, so that ties stay ties. The layers up to the
  /// proposals need it: uniform regions of an image have hundreds of equal scores, and rounding must not decide which
  /// of them the suppression keeps.
  var preservesTies = true

  /// The largest number of outputs of a layer; the widest layers have 2048.
  static let widest = 8192

  /// Builds a convolution as torchvision's `Conv2dNormActivation` stores it, `0` the convolution and `1` the
  /// normalization, if there is one; or as files from before torchvision 0.13 store it, the convolution itself.
  ///
  /// The number of outputs is read from the file.
  func block(
    _ place: WeightReader, from inputs: Int, kernel: Int, activation: Activation = .none
  ) throws -> Convolution {
    let convolution = place[0].contains("weight") ? place[0] : place
    return try layer(convolution, place[1], from: inputs, kernel: kernel, activation: activation)
  }

  /// Builds a convolution with the normalization after it, if there is one.
  func layer(
    _ convolution: WeightReader, _ normalization: WeightReader, from inputs: Int, kernel: Int, stride: Int = 1,
    padding: Int? = nil, activation: Activation = .none, addsBeforeActivation: Bool = false
  ) throws -> Convolution {
    let outputs = try leadingExtent(convolution, rank: 4)
    let folded = try FoldedWeights(
      convolution, normalization, [outputs, inputs, kernel, kernel], epsilon: epsilon)
    return try Convolution(
      .init(
        inputChannels: inputs, outputChannels: outputs, kernel: Extent(kernel), stride: Extent(stride),
        padding: Extent(padding ?? kernel / 2), activation: activation, addsBeforeActivation: addsBeforeActivation,
        preservesTies: preservesTies),
      weights: folded.weights, bias: folded.bias, format: format, engine: engine)
  }

  /// Builds a fully connected layer on `positions` pixels of `inputs` channels each. The file orders its columns by
  /// channel, the network by pixel.
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

  /// Builds a transposed 2×2 convolution of stride 2 as a 1×1 convolution to `[2][2][outputs]` channels.
  func transposed(_ place: WeightReader, from inputs: Int, activation: Activation) throws -> Convolution {
    let shape = try place.shape(of: "weight")
    guard shape.count == 4, (1...Self.widest).contains(shape[1]) else {
      throw WeightFileError.malformed(
        path: place.file.path,
        detail: "\(place.key("weight")) must have 4 dimensions and 1 to \(Self.widest) outputs, but has shape \(shape)")
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

  /// Reads a tensor whose elements must be finite.
  func finite(_ place: WeightReader, _ name: String, _ shape: [Int]) throws(WeightFileError) -> [Float] {
    let values = try place.floats(name, shape: shape)
    guard values.areFinite else {
      throw .malformed(path: place.file.path, detail: "\(printable(place.key(name))) is not finite")
    }
    return values
  }

  /// The number of outputs of a layer, from the shape of its weights.
  func leadingExtent(_ place: WeightReader, rank: Int) throws(WeightFileError) -> Int {
    let shape = try place.shape(of: "weight")
    guard shape.count == rank, let outputs = shape.first, (1...Self.widest).contains(outputs) else {
      throw .malformed(
        path: place.file.path,
        detail: "\(place.key("weight")) must have \(rank) dimensions and 1 to \(Self.widest) outputs, but has shape "
          + "\(shape)")
    }
    return outputs
  }
}
