/// The annotation formats that Limn writes.
public enum AnnotationFormat: String, Sendable, Hashable, CaseIterable, Codable {
  /// One JSON array with an object per image.
  case json
  /// JSON Lines: one object per line for each image or failure, flushed at once.
  case jsonl
  /// A COCO dataset: one JSON document with images, annotations and categories.
  case coco
  /// A COCO results list, one JSON document for evaluation.
  case cocoResults = "coco-results"
  /// Pascal VOC: a folder with an XML file per image.
  case voc
  /// YOLO: a folder with a text file per image.
  case yolo

  /// The writer of the format.
  var writerType: any FormatWriter.Type {
    switch self {
    case .json: JSONWriter.self
    case .jsonl: JSONLinesWriter.self
    case .coco: COCOWriter.self
    case .cocoResults: COCOResultsWriter.self
    case .voc: VOCWriter.self
    case .yolo: YOLOWriter.self
    }
  }

  /// Whether the format is one document, which can go to standard output, rather than a folder of files.
  public var isOneDocument: Bool { writerType.isOneDocument }

  /// Makes a writer of this format.
  ///
  /// - Parameters:
  ///   - target: The output: standard output, a file or memory for a format of one document, else a folder or memory.
  ///   - labels: The class names, indexed by `Detection.classID`.
  ///   - options: The format's options.
  /// - Returns: A writer; call `finish()` when all images are written.
  /// - Throws: `AnnotationError.invalidLabels` for class names that the format cannot represent,
  ///   `AnnotationError.output` for a target that cannot be written or does not suit the format.
  public func writer(
    to target: OutputTarget, labels: [String], options: FormatOptions = FormatOptions()
  ) throws(AnnotationError) -> any AnnotationWriter {
    try writerType.init(to: target, labels: labels, options: options)
  }

  /// The paths in the folder that an image of the given name may take; none for a format of one document.
  package func files(for name: String) -> [String] { writerType.files(for: name) }

  /// The paths in the folder of the files that all images share; none for a format of one document.
  package var tables: [String] { writerType.tables }
}

/// The options of the annotation formats. A format ignores the options of others.
public struct FormatOptions: Sendable, Hashable {
  /// How the formats `coco` and `coco-results` represent masks and circles.
  public var segmentation: SegmentationEncoding
  /// How the format `voc` counts pixels.
  public var vocBase: VOCWriter.Base
  /// How the format `yolo` represents circles.
  public var yoloCircles: YOLOWriter.CircleForm

  /// Makes options. By default masks are run lengths, VOC counts pixels from 1, and YOLO writes circles as boxes.
  public init(
    segmentation: SegmentationEncoding = .runLengths, vocBase: VOCWriter.Base = .one,
    yoloCircles: YOLOWriter.CircleForm = .boxes
  ) {
    self.segmentation = segmentation
    self.vocBase = vocBase
    self.yoloCircles = yoloCircles
  }
}
