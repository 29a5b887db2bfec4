import Tensor

/// The detector YOLOv5 n, s, m, l or x of releases 6.0 to 7.0, which finds labelled boxes.
///
/// Depth, width and number of classes are read from the weight file, which may be official or fine-tuned. Matches
/// `detect.py` of the YOLOv5 repository. An instance is immutable and can be shared between tasks.
public struct YOLOv5: Detector {
  /// The options of a call. The defaults are those of `detect.py`.
  public struct Options: DetectorOptions, Hashable {
    /// The options that all detectors have. By default the confidence is 0.25, the intersection over union 0.45, and
    /// the largest number of detections 1000.
    public var common: DetectionOptions
    /// The longest side of the network's input in pixels, a multiple of 32, at most 4096. In larger inputs, boxes of
    /// different classes could suppress each other.
    public var size: Int
    /// Whether the input is padded to a square, instead of to the next multiple of 32.
    public var square: Bool
    /// Whether a box is reported once for each class above the confidence, as in the repository's `val.py`, instead of
    /// only for its best class.
    public var multiLabel: Bool
    /// Whether boxes of different classes suppress each other.
    public var agnostic: Bool

    /// Makes the default options.
    public init() { self.init(confidence: 0.25) }

    /// Makes options; the ranges are checked by `validate(classCount:)`.
    public init(
      confidence: Float = 0.25, iou: Float = 0.45, maxDetections: Int = 1000, size: Int = 640, square: Bool = false,
      multiLabel: Bool = false, agnostic: Bool = false, classes: Set<Int>? = nil
    ) {
      common = DetectionOptions(confidence: confidence, iou: iou, maxDetections: maxDetections, classes: classes)
      self.size = size
      self.square = square
      self.multiLabel = multiLabel
      self.agnostic = agnostic
    }

    /// Checks the options.
    ///
    /// - Parameter classCount: The number of the network's classes, to check `classes`; nil to skip that check.
    /// - Throws: `SceneError.invalidParameter` for a value out of range.
    public func validate(classCount: Int? = nil) throws(SceneError) {
      try common.validate(classCount: classCount)
      guard size > 0, size % 32 == 0, size <= 4096 else {
        throw .invalidParameter("the size must be a multiple of 32 from 32 to 4096, got \(size)")
      }
    }
  }

  /// The class names, indexed by `Detection.classID`.
  public var labels: [String] { configuration.names }

  /// The number format of the convolutions.
  public let precision: Precision

  let configuration: YOLOv5Configuration
  let network: YOLOv5Network
  let engine: Engine

  /// Loads a weight file: a checkpoint of YOLOv5 (`.pt`, `.pth`), a state dict, or safetensors.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - precision: The number format of the convolutions. `int8` needs a file calibrated by `YOLOv5Calibrator`.
  ///   - engine: The engine to run on; by default one with the CPU's highest level and all its cores.
  /// - Throws: `WeightFileError` for a file that is not a YOLOv5 of these releases, with the difference, or not
  ///   calibrated for `int8`; `TensorError` for a `LIMN_LEVEL` that this CPU lacks, or a precision that the level does
  ///   not support.
  public init(weights path: String, precision: Precision = .float32, engine: Engine? = nil) throws {
    try self.init(weights: WeightFile(path: path), precision: precision, engine: engine)
  }

  /// Loads the network from an open weight file.
  ///
  /// - Parameters:
  ///   - file: The weight file.
  ///   - precision: The number format of the convolutions. `int8` needs a file calibrated by `YOLOv5Calibrator`.
  ///   - engine: The engine to run on; by default one with the CPU's highest level and all its cores.
  /// - Throws: `WeightFileError` for a file that is not a YOLOv5 of these releases, with the difference, or not
  ///   calibrated for `int8`; `TensorError` for a `LIMN_LEVEL` that this CPU lacks, or a precision that the level does
  ///   not support.
  public init(weights file: WeightFile, precision: Precision = .float32, engine: Engine? = nil) throws {
    let engine = try engine ?? Engine()
    if precision == .bfloat16 { try engine.requireBFloat16() }
    let reader = WeightReader(file)
    configuration = try YOLOv5Configuration(reader)
    let calibration = try Calibration(file)
    guard precision != .int8 || calibration != nil else {
      throw WeightFileError.uncalibrated(path: file.path, map: nil)
    }
    let plan = MapPlan(precision: precision, calibration: calibration, path: file.path)
    var layers = LayerBuilder(reader, epsilon: configuration.epsilon, engine: engine)
    layers.plan = plan
    network = try YOLOv5Network(layers, configuration)
    self.precision = precision
    try reader.finish()
    self.engine = engine
  }

  /// Detects the objects in an image.
  ///
  /// - Returns: Detections by falling score, with boxes in pixels of `image`, clipped to it.
  /// - Throws: `SceneError.invalidParameter` for an option out of range, `CancellationError` if the task was cancelled.
  public func detect(_ image: Image, options: Options) throws -> [Detection] {
    try options.validate(classCount: labels.count)
    return try engine.withWorkspace { try detect(image, options, $0) }
  }

  /// Detects the objects in several images, as many at once as the engine has threads.
  ///
  /// Each thread processes its own image, with its own scratch memory: about 40 MB for YOLOv5s at 640×640.
  ///
  /// - Returns: The detections of each image, by falling score, in the order of the images.
  /// - Throws: `SceneError.invalidParameter` for an option out of range, `CancellationError` if the task was cancelled.
  public func detect(_ images: [Image], options: Options) throws -> [[Detection]] {
    try options.validate(classCount: labels.count)
    return try engine.map(images) { try detect($0, options, $1) }
  }

  private func detect(_ image: Image, _ options: Options, _ workspace: Workspace) throws -> [Detection] {
    let letterbox = Letterbox(image, size: options.size, isSquare: options.square)
    let map = letterbox.map
    let maps = try network(image, letterbox, workspace)
    let candidates = Candidates(network.head24, maps, classes: labels.count, options, workspace)
    return candidates.suppressed(options, workspace).map { candidate in
      Detection(
        box: map.inverse(candidate.box), score: candidate.score, classID: candidate.classID,
        label: labels[candidate.classID])
    }
  }

  /// Computes the network's raw output. Matches the model of the YOLOv5 repository.
  ///
  /// - Parameter input: RGB images `[N, H, W, 3]` with values 0 to 1, where `H` and `W` are multiples of 32.
  /// - Returns: `[N, 1, P, 5 + classes]`. Each of the `P` predictions, ordered by level, anchor, row and column, has
  ///   its centre x and y, width and height in pixels of the input, its objectness, and its class scores.
  /// - Throws: `TensorError.invalidShape` for an input of another shape, `CancellationError` if the task was cancelled.
  public func predict(_ input: Tensor) throws -> Tensor {
    var output = try Tensor(shape: outputShape(for: input.shape))
    try predict(input, into: &output)
    return output
  }

  /// Computes the network's raw output in an existing tensor, so that no memory is allocated for it.
  ///
  /// - Parameters:
  ///   - input: RGB images `[N, H, W, 3]` with values 0 to 1, where `H` and `W` are multiples of 32.
  ///   - output: `[N, 1, P, 5 + classes]`, with predictions as `predict(_:)` returns them. Its elements are
  ///     overwritten.
  /// - Throws: `TensorError.invalidShape` for an input or output of another shape, `CancellationError` if the task was
  ///   cancelled; the content of `output` is then undefined.
  public func predict(_ input: Tensor, into output: inout Tensor) throws {
    let shape = input.shape
    let expected = try outputShape(for: shape)
    guard output.shape == expected else {
      throw TensorError.invalidShape(
        "YOLOv5 makes an output of shape \(expected) from an input \(shape), got \(output.shape)")
    }
    try output.withMutableView { output in
      try engine.withWorkspace { workspace in
        let maps = try input.withView { try network($0, workspace) }
        network.head24.decodeAll(maps, into: output.base, workspace)
      }
    }
  }

  /// The shape of the raw output.
  private func outputShape(for input: Shape) throws(TensorError) -> Shape {
    guard input.channels == 3, input.height % 32 == 0, input.width % 32 == 0 else {
      throw .invalidShape("YOLOv5 needs an input [N, H, W, 3] with H and W multiples of 32, got \(input)")
    }
    let cells = [8, 16, 32].map { (input.height / $0) * (input.width / $0) }
    let count = zip(cells, configuration.anchors).reduce(0) { $0 + $1.0 * $1.1.count }
    return Shape(batch: input.batch, height: 1, width: count, channels: 5 + labels.count)
  }
}
