/// Combines several detectors into one.
///
/// Each part detects objects in the whole image. Their classes are numbered by one list of labels, and overlapping
/// detections are kept, suppressed or merged.
///
/// Put a network with torchvision's labels first, as the background has the number 0. In COCO files a list of other
/// labels than exactly COCO's has category ids of its own: 80 classes and a coin are 1 to 81.
///
///     let both = try CombinedDetector([.init(YOLOv5()), .init(CircleDetector(label: "coin"))])
///     let detections = try both.detect(image)
public struct CombinedDetector: Detector {
  /// A detector and the options with which it is called.
  public struct Part: Sendable {
    /// The detector's class names.
    public let labels: [String]
    fileprivate let detect: @Sendable (Image) throws -> [Detection]
    fileprivate let detectAll: @Sendable ([Image]) throws -> [[Detection]]

    /// Makes a part, by default with the detector's default options.
    public init<D: Detector>(_ detector: D, options: D.Options = D.Options()) {
      labels = detector.labels
      detect = { try detector.detect($0, options: options) }
      detectAll = { try detector.detect($0, options: options) }
    }
  }

  /// The treatment of overlapping detections, of one part or of several.
  public enum Overlaps: Sendable, Hashable {
    /// Keeps all detections.
    case keep
    /// Drops the detection with the lower score, like `suppressed(by:)` of a list of detections.
    case suppress(OverlapRule)
    /// Merges them into one detection, like `merged(by:)` of a list of detections.
    case merge(OverlapRule)
  }

  /// The options of a call.
  public struct Options: DetectorOptions, Hashable {
    /// The options that all detectors have. By default all detections of the parts are kept. The overlap is not used:
    /// each part has its own, and `Overlaps` has another.
    public var common: DetectionOptions

    /// Makes the default options.
    public init() { self.init(confidence: 0) }

    /// Makes options.
    public init(confidence: Float = 0, maxDetections: Int = .max, classes: Set<Int>? = nil) {
      common = DetectionOptions(confidence: confidence, maxDetections: maxDetections, classes: classes)
    }
  }

  /// The class names of all parts: those of the first part, which keep their numbers, then new names of the others.
  public let labels: [String]
  private let parts: [(part: Part, map: LabelMap)]
  private let overlaps: Overlaps
  private let filter: DetectionFilter

  /// Combines detectors.
  ///
  /// - Parameters:
  ///   - parts: The detectors with their options, at least one.
  ///   - overlaps: The treatment of overlapping detections.
  ///   - filter: The detections to keep; it is applied before overlaps are searched.
  /// - Throws: `SceneError.invalidParameter` for no parts, a background of a later part that the first one lacks, an overlap outside 0 to 1, or a filter with a value out of
  ///   range or an unknown label.
  public init(
    _ parts: [Part], overlaps: Overlaps = .keep, filter: DetectionFilter = DetectionFilter()
  ) throws(SceneError) {
    guard !parts.isEmpty else { throw .invalidParameter("a combined detector needs at least 1 part, got 0") }
    for (index, part) in parts.enumerated()
    where part.labels.first == Detection.backgroundLabel && parts[0].labels.first != Detection.backgroundLabel {
      throw .invalidParameter(
        "part \(index) begins with the label __background__, which must have the number 0: make it the first part")
    }
    let maps = LabelMap.joining(parts.map(\.labels))
    labels = maps[0].labels
    switch overlaps {
    case .keep: break
    case .suppress(let rule), .merge(let rule): try rule.validate()
    }
    try filter.validate(labels: labels)
    self.parts = Array(zip(parts, maps))
    self.overlaps = overlaps
    self.filter = filter
  }

  /// Detects objects in an image with all parts.
  ///
  /// - Returns: Detections by falling score, ties in the order of the parts.
  /// - Throws: The error of a part; `SceneError` for an option out of range, for masks of different sizes, or if the
  ///   classes of a part's detections do not match its labels.
  public func detect(_ image: Image, options: Options) throws -> [Detection] {
    try options.common.validate(classCount: labels.count)
    return try combined(parts.map { try $0.map($0.part.detect(image)) }, options)
  }

  /// Detects objects in several images with all parts. Each part gets all images in one call.
  ///
  /// - Returns: The detections of each image by falling score, ties in the order of the parts; the lists are in the
  ///   order of the images.
  /// - Throws: The error of a part; `SceneError` for an option out of range, for masks of different sizes, or if a part
  ///   returns another number of lists or detections whose classes do not match its labels.
  public func detect(_ images: [Image], options: Options) throws -> [[Detection]] {
    try options.common.validate(classCount: labels.count)
    let found = try parts.map { part in
      let found = try part.part.detectAll(images)
      guard found.count == images.count else {
        throw SceneError.invalidParameter(
          "a detector must return a list for each of \(images.count) images, got \(found.count)")
      }
      return try found.map { try part.map($0) }
    }
    return try images.indices.map { index in try combined(found.map { $0[index] }, options) }
  }

  private func combined(_ found: [[Detection]], _ options: Options) throws(SceneError) -> [Detection] {
    var detections = filter(found.flatMap { $0 }).fallingByScore
    switch overlaps {
    case .keep: break
    case .suppress(let rule): detections = try detections.suppressed(by: rule)
    case .merge(let rule): detections = try detections.merged(by: rule)
    }
    let kept = detections.filter { detection in
      options.common.keeps(score: detection.score) && options.classes?.contains(detection.classID) ?? true
    }
    return Array(kept.prefix(options.maxDetections))
  }
}
