/// The annotation formats that Limn writes.
public enum AnnotationFormat: String, Sendable, CaseIterable {
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

  /// Whether the format is one document, which may go to standard output, rather than a folder of files.
  public var isOneDocument: Bool {
    switch self {
    case .json, .jsonl, .coco, .cocoResults: true
    case .voc, .yolo: false
    }
  }
}
