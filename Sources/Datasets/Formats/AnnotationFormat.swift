/// The annotation formats that Limn writes.
public enum AnnotationFormat: String, Sendable, Hashable, CaseIterable, Codable {
  /// One JSON array, an object a picture.
  case json
  /// One JSON object a line, flushed as it is made; failures too.
  case jsonl
  /// A COCO dataset: images, annotations, categories.
  case coco
  /// A COCO results list, for evaluation.
  case cocoResults = "coco-results"
  /// Pascal VOC, an XML file a picture.
  case voc
  /// YOLO, a text file a picture.
  case yolo

  /// What writes the format: the one place that knows all of them.
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

  /// Whether the format is one document, which may go to standard output, rather than a folder of files.
  public var isOneDocument: Bool { writerType.isOneDocument }

  /// Opens an output of this format.
  ///
  /// - Parameters:
  ///   - target: where it goes: for one document standard output, a file or memory, else a folder or memory.
  ///   - labels: the class names, indexed by `Detection.classID`.
  ///   - options: what the format lets a caller choose.
  /// - Throws: `AnnotationError.invalidLabels` for class names that the format cannot hold, `.output` for a target that
  ///   cannot be written or is not of the format's kind.
  public func writer(
    to target: OutputTarget, labels: [String], options: FormatOptions = FormatOptions()
  ) throws(AnnotationError) -> any AnnotationWriter {
    try writerType.init(to: target, labels: labels, options: options)
  }

  /// The files below the folder that a picture of that name may have; none for one document.
  package func files(for name: String) -> [String] { writerType.files(for: name) }

  /// The files below the folder that all pictures share; none for one document.
  package var tables: [String] { writerType.tables }
}

/// What a caller may choose of how annotations are written. What does not concern a format is not looked at.
public struct FormatOptions: Sendable, Hashable {
  /// How COCO's formats hold masks and circles.
  public var segmentation: SegmentationEncoding
  /// How VOC counts pixels.
  public var vocBase: VOCWriter.Base
  /// How YOLO holds circles.
  public var yoloCircles: YOLOWriter.CircleForm

  /// Makes options.
  public init(
    segmentation: SegmentationEncoding = .runLengths, vocBase: VOCWriter.Base = .one,
    yoloCircles: YOLOWriter.CircleForm = .boxes
  ) {
    self.segmentation = segmentation
    self.vocBase = vocBase
    self.yoloCircles = yoloCircles
  }
}
