import JSON

/// Writes `json`: one array, an object a picture, each on its own line.
public struct JSONWriter: FormatWriter {
  private let output: OutputDocument
  private var isEmpty = true

  /// Opens the document. Labels and options do not concern it.
  public init(
    to target: OutputTarget, labels: [String] = [], options: FormatOptions = FormatOptions()
  ) throws(AnnotationError) {
    output = try OutputDocument(target)
    try output.write("[")
  }

  /// Adds the picture's object.
  public mutating func write(_ image: AnnotatedImage) throws(AnnotationError) {
    try output.write(isEmpty ? "\n" : ",\n")
    try output.write(Self.object(image))
    isEmpty = false
  }

  /// Closes the array and puts the document into place.
  public mutating func finish() throws(AnnotationError) {
    try output.write(isEmpty ? "]\n" : "\n]\n")
    try output.commit()
  }

  /// The object of one picture, on one line: boxes `[x1, y1, x2, y2]` and circles to 2 decimals, scores to
  /// 4; masks and circles where there are.
  static func object(_ image: AnnotatedImage) -> String {
    let detections = image.detections.map { detection in
      let box = [detection.box.x1, detection.box.y1, detection.box.x2, detection.box.y2].map(Double.init)
      return "{\"label\": \(JSONText.quoted(detection.label)), \"class_id\": \(detection.classID), "
        + "\"score\": \(DecimalText.shortest(Double(detection.score), places: 4)), "
        + "\"box\": \(JSONText.array(box, places: 2))"
        + (detection.mask.map { ", \"mask\": \(JSONText.mask($0))" } ?? "")
        + (detection.circle.map { ", \"circle\": \(JSONText.circle($0))" } ?? "") + "}"
    }
    return "{\"image\": \(JSONText.quoted(image.name)), \"width\": \(image.width), \"height\": \(image.height), "
      + "\"detections\": [\(detections.joined(separator: ", "))]}"
  }
}
