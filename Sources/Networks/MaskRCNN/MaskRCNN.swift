import Tensor

/// Mask R-CNN on ResNet-50 with a feature pyramid: labelled boxes and masks (He et al., 2017).
///
/// torchvision's `maskrcnn_resnet50_fpn` and `maskrcnn_resnet50_fpn_v2`; which one, the class count and every width are
/// read from the weight file. Results match torchvision's. An instance is immutable; several tasks may share it.
public struct MaskRCNN: Detector {
  /// What a call may choose; the defaults are torchvision's.
  public struct Options: DetectorOptions, Hashable {
    /// Confidence 0.05, intersection over union 0.5 among boxes of one class, at most 100 detections, unless given.
    public var common: DetectionOptions
    /// Pixels of the picture's shorter side inside the network, 1 to 8192; nil for what the weights were made for.
    public var minSize: Int?
    /// At most that many pixels of the longer side, 1 to 8192; nil for what the weights were made for.
    public var maxSize: Int?
    /// A pixel whose probability reaches this, 0 to 1, belongs to the object.
    public var maskThreshold: Float

    /// The defaults.
    public init() { self.init(confidence: 0.05) }

    /// Makes options.
    public init(
      confidence: Float = 0.05, iou: Float = 0.5, maxDetections: Int = 100, minSize: Int? = nil, maxSize: Int? = nil,
      maskThreshold: Float = 0.5, classes: Set<Int>? = nil
    ) {
      common = DetectionOptions(confidence: confidence, iou: iou, maxDetections: maxDetections, classes: classes)
      self.minSize = minSize
      self.maxSize = maxSize
      self.maskThreshold = maskThreshold
    }

    /// Checks the options; the classes where the network's are given.
    ///
    /// - Throws: `SceneError.invalidParameter` for a value out of range.
    public func validate(classCount: Int? = nil) throws(SceneError) {
      try common.validate(classCount: classCount)
      guard (0...1).contains(maskThreshold) else {
        throw .invalidParameter("the mask threshold lies between 0 and 1, got \(maskThreshold)")
      }
      for case (let name, let value?) in [("min size", minSize), ("max size", maxSize)]
      where !Self.sizes.contains(value) {
        throw .invalidParameter("the \(name) must be 1 to 8192, got \(value)")
      }
    }

    /// The sizes inside the network that there may be.
    static let sizes = 1...8192
  }

  /// The class names, indexed by `Detection.classID`; the first is the background, which is never reported.
  public let labels: [String]

  /// The sizes inside the network that are taken where a call names none: the metadata's `min_size` and `max_size`, else
  /// torchvision's 800 and 1333.
  public let sizes: (shorter: Int, longer: Int)

  /// The arithmetic of the convolutions.
  public let precision: Precision

  private let format: MapFormat
  let backbone: ResNet
  let pyramid: FeaturePyramid
  let regions: RegionProposals
  let boxHead: BoxHead
  let maskHead: MaskHead
  let engine: Engine

  /// Loads a weight file: a `.pth` state dict as torchvision saves it, or safetensors.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - labels: The class names, the background first; by default the file's, else COCO's where there are 91 classes.
  ///   - precision: The arithmetic of the convolutions: `float32` or `bfloat16`.
  ///   - engine: What to run on; by default the CPU's highest level and all its cores.
  /// - Throws: `WeightFileError` for a file that is not such a Mask R-CNN, naming what is wrong; `TensorError` for a
  ///   `LIMN_LEVEL` that this CPU lacks, and for a precision that is not available.
  public init(
    weights path: String, labels: [String]? = nil, precision: Precision = .float32, engine: Engine? = nil
  ) throws {
    try self.init(weights: WeightFile(path: path), labels: labels, precision: precision, engine: engine)
  }

  /// Builds the network from an opened weight file; see `init(weights:labels:precision:engine:)`.
  public init(
    weights file: WeightFile, labels: [String]? = nil, precision: Precision = .float32, engine: Engine? = nil
  ) throws {
    let engine = try engine ?? Engine()
    switch precision {
    case .float32: format = .init(.float32)
    case .bfloat16:
      try engine.requireBFloat16()
      format = .init(.bfloat16)
    case .int8: throw TensorError.unavailablePrecision("Mask R-CNN runs in float32 and bfloat16, not in int8")
    }
    self.precision = precision
    let weights = WeightReader(file)
    let configuration = try MaskRCNNConfiguration(weights, labels: labels)
    var build = MaskRCNNBuild(engine: engine, epsilon: configuration.epsilon, format: format)
    backbone = try ResNet(weights["backbone"]["body"], build)
    pyramid = try FeaturePyramid(weights["backbone"]["fpn"], from: backbone.outputs, build)
    regions = try RegionProposals(weights["rpn"]["head"], from: pyramid.outputs, build)
    let classes = configuration.labels.count
    build.preservesTies = false
    boxHead = try BoxHead(weights["roi_heads"], from: pyramid.outputs, classes: classes, build)
    maskHead = try MaskHead(weights["roi_heads"], from: pyramid.outputs, classes: classes, build)
    try weights.finish()
    self.labels = configuration.labels
    sizes = configuration.sizes
    self.engine = engine
  }

  /// Finds the objects of a picture and their masks.
  ///
  /// - Returns: Detections by falling score; boxes in pixels of `image`, inside it; masks of its size.
  /// - Throws: `SceneError.invalidParameter` for an option out of range, `SceneError.invalidShape` for a picture so thin
  ///   that its shorter side would vanish, `CancellationError` where the task was cancelled.
  public func detect(_ image: Image, options: Options) throws -> [Detection] {
    try options.validate(classCount: labels.count)
    return try engine.withWorkspace { try detect(image, options, $0) }
  }

  /// Finds the objects of several pictures and their masks, as many at once as the engine has threads.
  ///
  /// Each thread works on a picture of its own, with scratch memory of its own: about 600 MB for ResNet-50 at 800/1333.
  ///
  /// - Throws: as for one picture.
  public func detect(_ images: [Image], options: Options) throws -> [[Detection]] {
    try options.validate(classCount: labels.count)
    return try engine.map(images) { try detect($0, options, $1) }
  }

  private func detect(_ image: Image, _ options: Options, _ workspace: Workspace) throws -> [Detection] {
    let transform = ImageTransform(
      minSize: options.minSize ?? sizes.shorter, maxSize: options.maxSize ?? sizes.longer)
    let size = transform.size(of: image)
    guard size.width > 0, size.height > 0 else {
      throw SceneError.invalidShape(
        "a picture of \(image.width)x\(image.height) would shrink to \(size.width)x\(size.height) for the network")
    }
    let picture = transform(image, format, workspace)
    let features = try backbone(picture.input, workspace)
    let maps = pyramid(features, workspace)
    try workspace.checkCancellation()
    let proposals = regions(maps, picture, workspace)
    try workspace.checkCancellation()
    let candidates = boxHead(maps, proposals, picture, options, workspace)
    try workspace.checkCancellation()
    let masks = maskHead(maps, candidates, picture, workspace)
    return try detections(candidates, masks, picture, options, workspace)
  }

  /// Boxes and masks in pixels of the picture.
  private func detections(
    _ candidates: [BoxHead.Candidate], _ masks: UnsafePointer<Float>, _ picture: ImageTransform.Picture,
    _ options: Options, _ workspace: Workspace
  ) throws(SceneError) -> [Detection] {
    let map = picture.map
    // Masks are pasted by boxes as they come, which may reach beyond the picture.
    let boxes = candidates.map { map.unclippedInverse($0.box) }
    let masks = try MaskPasting(image: picture.original, threshold: options.maskThreshold)(masks, boxes, workspace)
    return candidates.indices.map { index in
      Detection(
        box: map.inverse(candidates[index].box), score: candidates[index].score, classID: candidates[index].classID,
        label: labels[candidates[index].classID], mask: masks[index])
    }
  }
}
