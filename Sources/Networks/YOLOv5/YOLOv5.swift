import Tensor

/// YOLOv5 n, s, m, l or x of releases 6.0 to 7.0: labelled boxes in one pass.
///
/// Depth, width and class count are read from the weight file, official or fine-tuned. Results match the YOLOv5
/// repository's `detect.py`. An instance is immutable; several tasks may share it.
public struct YOLOv5: Detector {
  /// What a call may choose; the defaults are those of `detect.py`.
  public struct Options: DetectorOptions, Hashable {
    /// Confidence 0.25, intersection over union 0.45, at most 1000 detections, unless given.
    public var common: DetectionOptions
    /// The longer side of the network's input, a multiple of 32, at most 4096: beyond, boxes of different classes could
    /// meet in the suppression.
    public var size: Int
    /// Whether the input is padded to a whole square rather than to the next multiple of 32.
    public var square: Bool
    /// Whether a box may be reported once for each class above the threshold, as the repository's `val.py` does,
    /// rather than for its best class only.
    public var multiLabel: Bool
    /// Whether boxes of different classes compete with each other.
    public var agnostic: Bool

    /// The defaults.
    public init() { self.init(confidence: 0.25) }

    /// Makes options.
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

    /// Checks the options; the classes where the network's are given.
    ///
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

  /// The arithmetic of the convolutions.
  public let precision: Precision

  let configuration: YOLOv5Configuration
  let network: YOLOv5Network
  let engine: Engine

  /// Loads a weight file: `.pt` or `.pth` as YOLOv5 saves it, a state dict, or safetensors.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - precision: The arithmetic of the convolutions. `int8` is for files that `quantize` calibrated.
  ///   - engine: What to run on; by default the CPU's highest level and all its cores.
  /// - Throws: `WeightFileError` for a file that is not a YOLOv5 of these releases, naming what is wrong;
  ///   `TensorError` for a `LIMN_LEVEL` that this CPU lacks, and for a precision that level or file has not got.
  public init(weights path: String, precision: Precision = .float32, engine: Engine? = nil) throws {
    try self.init(weights: WeightFile(path: path), precision: precision, engine: engine)
  }

  /// Builds the network from an opened weight file; see `init(weights:precision:engine:)`.
  public init(weights file: WeightFile, precision: Precision = .float32, engine: Engine? = nil) throws {
    let engine = try engine ?? Engine()
    if precision == .bfloat16 { try engine.requireBFloat16() }
    let reader = WeightReader(file)
    configuration = try YOLOv5Configuration(reader)
    let calibration = try Calibration(file)
    guard precision != .int8 || calibration != nil else {
      throw TensorError.unavailablePrecision(
        "\(file.path) has not been calibrated for int8: `limn weights quantize` does that")
    }
    let plan = MapPlan(precision: precision, calibration: calibration, path: file.path)
    network = try YOLOv5Network(reader, configuration, plan, engine: engine)
    self.precision = precision
    try reader.finish()
    self.engine = engine
  }

  /// Finds the objects of a picture.
  ///
  /// - Returns: Detections by falling score; boxes in pixels of `image`, clipped to it.
  /// - Throws: `SceneError.invalidParameter` for an option out of range, `CancellationError` where the task was cancelled.
  public func detect(_ image: Image, options: Options) throws -> [Detection] {
    try options.validate(classCount: labels.count)
    return try engine.withWorkspace { try detect(image, options, $0) }
  }

  /// Finds the objects of several pictures, as many at once as the engine has threads.
  ///
  /// Each thread works on a picture of its own, with scratch memory of its own: about 40 MB for YOLOv5s at 640×640.
  ///
  /// - Throws: as for one picture.
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

  /// The network's raw output, as the YOLOv5 repository's model returns it.
  ///
  /// - Parameter input: Pictures `[N, H, W, 3]`, RGB, 0 to 1, `H` and `W` multiples of 32.
  /// - Returns: `[N, 1, P, 5 + classes]`: for each prediction in the order level, anchor, row, column: centre x, y,
  ///   width and height in pixels of the input, objectness, class scores.
  /// - Throws: `TensorError.invalidShape` for an input of another shape, `CancellationError` where the task was cancelled.
  public func predict(_ input: Tensor) throws -> Tensor {
    var output = try Tensor(shape: outputShape(for: input.shape))
    try predict(input, into: &output)
    return output
  }

  /// The same into memory that is already there, of the shape that `predict(_:)` returns.
  ///
  /// - Throws: `TensorError.invalidShape` for an input or an output of another shape, `CancellationError` where the task
  ///   was cancelled: the output then holds anything.
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
