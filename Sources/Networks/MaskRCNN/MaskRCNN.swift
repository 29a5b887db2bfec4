import Tensor

/// The detector Mask R-CNN with ResNet-50 and a feature pyramid, which finds labelled boxes and masks (He et al.,
/// doi:10.1109/ICCV.2017.322).
///
/// Matches torchvision's `maskrcnn_resnet50_fpn` and `maskrcnn_resnet50_fpn_v2`. The variant, the number of classes and
/// all widths are read from the weight file. An instance is immutable and can be shared between tasks.
public struct MaskRCNN: Detector {
  /// The options of a call. The defaults are those of torchvision.
  public struct Options: DetectorOptions, Hashable {
    /// The options that all detectors have. By default the confidence is 0.05, the intersection over union of boxes of
    /// one class 0.5, and the largest number of detections 100.
    public var common: DetectionOptions
    /// The length to which an image's shorter side is scaled, in pixels, 1 to 8192; nil for that of the weights.
    public var minSize: Int?
    /// The largest length of the longer side after scaling, in pixels, 1 to 8192; nil for that of the weights.
    public var maxSize: Int?
    /// The least probability of a pixel in a mask, 0 to 1.
    public var maskThreshold: Float

    /// Makes the default options.
    public init() { self.init(confidence: 0.05) }

    /// Makes options; the ranges are checked by `validate(classCount:)`.
    public init(
      confidence: Float = 0.05, iou: Float = 0.5, maxDetections: Int = 100, minSize: Int? = nil, maxSize: Int? = nil,
      maskThreshold: Float = 0.5, classes: Set<Int>? = nil
    ) {
      common = DetectionOptions(confidence: confidence, iou: iou, maxDetections: maxDetections, classes: classes)
      self.minSize = minSize
      self.maxSize = maxSize
      self.maskThreshold = maskThreshold
    }

    /// Checks the options.
    ///
    /// - Parameter classCount: The number of the network's classes, to check `classes`; nil to skip that check.
    /// - Throws: `SceneError.invalidParameter` for a value out of range.
    public func validate(classCount: Int? = nil) throws(SceneError) {
      try common.validate(classCount: classCount)
      guard (0...1).contains(maskThreshold) else {
        throw .invalidParameter("the mask threshold must be 0 to 1, got \(maskThreshold)")
      }
      for case (let name, let value?) in [("min size", minSize), ("max size", maxSize)]
      where !Self.sizes.contains(value) {
        throw .invalidParameter("the \(name) must be 1 to 8192, got \(value)")
      }
    }

    /// The range of `minSize` and `maxSize`.
    static let sizes = 1...8192
  }

  /// The class names, indexed by `Detection.classID`. The first is the background, which is never detected.
  public let labels: [String]

  /// The sizes, in pixels, that replace a `minSize` and `maxSize` of nil: those in the weight file's metadata
  /// (`min_size`, `max_size`), else 800 and 1333 as in torchvision.
  public let sizes: (shorter: Int, longer: Int)

  /// The number format of the convolutions.
  public let precision: Precision

  private let format: MapFormat
  let backbone: ResNet
  let pyramid: FeaturePyramid
  let regions: RegionProposals
  let boxHead: BoxHead
  let maskHead: MaskHead
  let engine: Engine

  /// Loads a weight file: a state dict of torchvision (`.pth`), or safetensors.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - labels: The class names, with the background first; by default those of the file, else COCO's for 91 classes.
  ///   - precision: The number format of the convolutions, `float32` or `bfloat16`.
  ///   - engine: The engine to run on; by default one with the CPU's highest level and all its cores.
  /// - Throws: `WeightFileError` for a file that is not such a Mask R-CNN, with the difference; `TensorError` for a
  ///   `LIMN_LEVEL` that this CPU lacks, or a precision that is not supported.
  public init(
    weights path: String, labels: [String]? = nil, precision: Precision = .float32, engine: Engine? = nil
  ) throws {
    try self.init(weights: WeightFile(path: path), labels: labels, precision: precision, engine: engine)
  }

  /// Loads the network from an open weight file.
  ///
  /// - Parameters:
  ///   - file: The weight file.
  ///   - labels: The class names, with the background first; by default those of the file, else COCO's for 91 classes.
  ///   - precision: The number format of the convolutions, `float32` or `bfloat16`.
  ///   - engine: The engine to run on; by default one with the CPU's highest level and all its cores.
  /// - Throws: `WeightFileError` for a file that is not such a Mask R-CNN, with the difference; `TensorError` for a
  ///   `LIMN_LEVEL` that this CPU lacks, or a precision that is not supported.
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
    var layers = LayerBuilder(weights, epsilon: configuration.epsilon, engine: engine)
    layers.format = format
    // Up to the proposals equal inputs must give equal outputs wherever they lie: uniform regions of an image have
    // hundreds of equal scores, and rounding must not decide which of them the suppression keeps.
    layers.preservesTies = true
    backbone = try ResNet(layers["backbone"]["body"])
    pyramid = try FeaturePyramid(layers["backbone"]["fpn"], from: backbone.outputs)
    regions = try RegionProposals(layers["rpn"]["head"], from: pyramid.outputs)
    layers.preservesTies = false
    let classes = configuration.labels.count
    boxHead = try BoxHead(layers["roi_heads"], from: pyramid.outputs, classes: classes)
    maskHead = try MaskHead(layers["roi_heads"], from: pyramid.outputs, classes: classes)
    try layers.finish()
    self.labels = configuration.labels
    sizes = configuration.sizes
    self.engine = engine
  }

  /// Detects the objects in an image, with their masks.
  ///
  /// - Returns: Detections by falling score, with boxes in pixels of `image`, clipped to it, and masks of its size.
  /// - Throws: `SceneError.invalidParameter` for an option out of range, `SceneError.invalidShape` for an image so thin
  ///   that its shorter side would vanish, `CancellationError` if the task was cancelled.
  public func detect(_ image: Image, options: Options) throws -> [Detection] {
    try options.validate(classCount: labels.count)
    return try engine.withWorkspace { try detect(image, options, $0) }
  }

  /// Detects the objects in several images, with their masks, as many images at once as the engine has threads.
  ///
  /// Each thread processes its own image, with its own scratch memory: about 600 MB for ResNet-50 at 800/1333.
  ///
  /// - Returns: The detections of each image, by falling score, in the order of the images.
  /// - Throws: `SceneError.invalidParameter` for an option out of range, `SceneError.invalidShape` for an image so thin
  ///   that its shorter side would vanish, `CancellationError` if the task was cancelled.
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
        "an image of \(image.width)x\(image.height) would shrink to \(size.width)x\(size.height) for the network")
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

  /// The detections, with boxes and masks in pixels of the image.
  private func detections(
    _ candidates: [BoxHead.Candidate], _ masks: UnsafePointer<Float>, _ picture: ImageTransform.Picture,
    _ options: Options, _ workspace: Workspace
  ) throws(SceneError) -> [Detection] {
    let map = picture.map
    // Masks are pasted to unclipped boxes, which may reach beyond the image.
    let boxes = candidates.map { map.unclippedInverse($0.box) }
    let masks = try MaskPasting(image: picture.original, threshold: options.maskThreshold)(masks, boxes, workspace)
    return candidates.indices.map { index in
      Detection(
        box: map.inverse(candidates[index].box), score: candidates[index].score, classID: candidates[index].classID,
        label: labels[candidates[index].classID], mask: masks[index])
    }
  }
}
