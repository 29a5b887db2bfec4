import Tensor

/// Builds the layers of a network from the tensors of a weight file.
///
/// A builder stands for a place in the file; `layers["layer1"][0]["conv1"]` is a place below it. A layer reads its
/// numbers of channels and its kernel from the shapes of its tensors, which have the layout of PyTorch, and the batch
/// normalization after a convolution is folded into its weights:
///
///     let layers = try LayerBuilder(WeightFile(path: "resnet18.safetensors"))
///     let stem = try layers["conv1"].convolution(normalization: layers["bn1"], stride: 2, activation: .relu)
///     let classifier = try layers["fc"].linear()
///     try layers.finish()
///
/// A tensor that is missing, has an unexpected shape or is not finite is an error with its name and the numbers.
public struct LayerBuilder: Sendable {
  /// The engine that the layers run on.
  public let engine: Engine
  /// The tensors at this place.
  public let weights: WeightReader
  /// The epsilon of batch normalizations that do not store their own.
  public var epsilon: Double
  /// Whether equal regions of an image give equal results wherever they lie: `Convolution.Configuration.preservesTies`
  /// of the convolutions.
  public var preservesTies = false
  /// The formats of the feature maps.
  var plan = MapPlan.float32
  /// The format of the map that a layer reads.
  var format = MapFormat(.float32)

  /// The largest extent of a tensor of weights.
  static let largestExtent = 1 << 20

  /// Makes a builder of a whole file.
  ///
  /// - Parameters:
  ///   - file: The weight file.
  ///   - epsilon: The epsilon of batch normalizations that do not store their own; PyTorch's default is 1e-5.
  ///   - engine: The engine that the layers run on; by default one with the CPU's highest level and all its cores.
  /// - Throws: `WeightFileError.unsupported` if tensors share elements, `TensorError` for a `LIMN_LEVEL` that this CPU
  ///   lacks.
  public init(_ file: WeightFile, epsilon: Double = 1e-5, engine: Engine? = nil) throws {
    try file.refuseSharing()
    self.init(WeightReader(file), epsilon: epsilon, engine: try engine ?? Engine())
  }

  init(_ weights: WeightReader, epsilon: Double, engine: Engine) {
    self.weights = weights
    self.epsilon = epsilon
    self.engine = engine
  }

  /// The builder of a part, which may be several levels down, such as `layers["layer1.0.conv1"]`.
  public subscript(name: String) -> LayerBuilder { at(weights[name]) }

  /// The builder of a numbered part, such as `layers["layer1"][0]`.
  public subscript(index: Int) -> LayerBuilder { at(weights[index]) }

  /// The number of parts directly below this place: of a `Sequential`, the number of its layers that have tensors.
  public var count: Int { weights.children.count }

  /// Whether there is a layer with weights at this place.
  public var hasWeights: Bool { weights.contains("weight") }

  /// The number of outputs of the layer at this place: the first extent of its weights.
  ///
  /// - Throws: `WeightFileError.missing` or `unexpectedRank`.
  func outputs(rank: Int) throws(WeightFileError) -> Int { try shape(rank: rank)[0] }

  /// Checks that all tensors at this place and below were used, except `num_batches_tracked` of batch normalizations.
  ///
  /// - Throws: `WeightFileError.unused` with the names of all others.
  public func finish() throws(WeightFileError) { try weights.finish() }

  /// The builder whose layers read maps of the given format.
  func reading(_ format: MapFormat) -> LayerBuilder {
    var builder = self
    builder.format = format
    return builder
  }

  /// The file and the layer, for errors.
  var place: String { "\(weights.file.path): \(printable(weights.path.isEmpty ? "the layer" : weights.path))" }

  private func at(_ weights: WeightReader) -> LayerBuilder {
    var builder = LayerBuilder(weights, epsilon: epsilon, engine: engine)
    builder.preservesTies = preservesTies
    builder.plan = plan
    builder.format = format
    return builder
  }

  /// The shape of the weights, which must have the given number of dimensions, all of a possible extent.
  func shape(rank: Int) throws(WeightFileError) -> [Int] {
    let shape = try weights.shape(of: "weight")
    guard shape.count == rank, shape.allSatisfy({ (1...Self.largestExtent).contains($0) }) else {
      throw .unexpectedRank(
        path: weights.file.path, key: weights.key("weight"), rank: rank, limit: Self.largestExtent, found: shape)
    }
    return shape
  }

  /// Reads a tensor whose elements must be finite.
  func finite(_ name: String, _ shape: [Int]) throws(WeightFileError) -> [Float] {
    let values = try weights.floats(name, shape: shape)
    guard values.areFinite else {
      throw .notFinite(
        path: weights.file.path, what: "elements of \(printable(weights.key(name)))", count: values.countNotFinite,
        total: values.count)
    }
    return values
  }
}
