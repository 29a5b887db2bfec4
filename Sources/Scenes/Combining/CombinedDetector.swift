/// Several detectors as one: each sees the image, their findings get the numbers of one list of labels, and what
/// overlaps is suppressed or merged.
///
///     let both = CombinedDetector([.init(try YOLOv5()), .init(try CircleDetector(label: "coin"))])
///     let detections = try both.detect(image)
public struct CombinedDetector: Detector {
  /// A detector with the options it is asked with.
  public struct Part: Sendable {
    /// The detector's class names.
    public let labels: [String]
    fileprivate let detect: @Sendable (Image) throws -> [Detection]
    fileprivate let detectAll: @Sendable ([Image]) throws -> [[Detection]]

    /// Makes a part, by default with the detector's own options.
    public init<D: Detector>(_ detector: D, options: D.Options = D.Options()) {
      labels = detector.labels
      detect = { try detector.detect($0, options: options) }
      detectAll = { try detector.detect($0, options: options) }
    }
  }

  /// What becomes of detections that overlap, of one part or of several.
  public enum Overlaps: Sendable, Hashable {
    /// All stay.
    case keep
    /// The one of lesser score goes; see `suppressed(by:)` of detections.
    case suppress(OverlapRule)
    /// They become one; see `merged(by:)` of detections.
    case merge(OverlapRule)
  }

  /// What a call may choose.
  public struct Options: DetectorOptions, Hashable {
    /// Everything that the parts find, unless given. The overlap here is not looked at: each part has its own, and
    /// `Overlaps` another.
    public var common = DetectionOptions(confidence: 0, maxDetections: .max)

    /// The defaults.
    public init() {}
  }

  /// The class names of all parts: those of the first, whose numbers stay, then what the others add.
  public let labels: [String]
  private let parts: [(part: Part, map: LabelMap)]
  private let overlaps: Overlaps
  private let filter: DetectionFilter

  /// Combines detectors.
  ///
  /// - Parameters:
  ///   - parts: the detectors, each with its options.
  ///   - overlaps: what becomes of detections that overlap.
  ///   - filter: what a detection must have to stay, before overlaps are looked for.
  /// - Throws: `SceneError.invalidParameter` for no part at all, an overlap outside 0 to 1, or a filter that
  ///   `DetectionFilter.validate(labels:)` refuses.
  public init(
    _ parts: [Part], overlaps: Overlaps = .keep, filter: DetectionFilter = DetectionFilter()
  ) throws(SceneError) {
    guard !parts.isEmpty else { throw .invalidParameter("a combined detector needs at least 1 part, got 0") }
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

  /// Finds what the parts find in an image.
  ///
  /// - Returns: by falling score, those of equal score in the order of the parts.
  /// - Throws: what a part throws; `SceneError` for an option out of range, and for a part whose detections are not of its
  ///   labels.
  public func detect(_ image: Image, options: Options) throws -> [Detection] {
    try options.common.validate(classCount: labels.count)
    return try combined(parts.map { try $0.map($0.part.detect(image)) }, options)
  }

  /// Finds what the parts find in several images.
  ///
  /// - Throws: as for one image.
  public func detect(_ images: [Image], options: Options) throws -> [[Detection]] {
    try options.common.validate(classCount: labels.count)
    let found = try parts.map { part in
      let found = try part.part.detectAll(images)
      guard found.count == images.count else {
        throw SceneError.invalidParameter("a detector answered \(images.count) pictures with \(found.count) lists")
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
