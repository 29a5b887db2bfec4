import JSON

/// Writes the format `json`: one array with an object per image, each on its own line.
public struct JSONWriter: FormatWriter {
  private let output: OutputDocument
  private var isEmpty = true

  /// Makes a writer and opens the document.
  ///
  /// - Parameters:
  ///   - target: Standard output, a file or memory.
  ///   - labels: Ignored: each detection has its label.
  ///   - options: Ignored.
  /// - Throws: `AnnotationError.output` for a target that cannot be written.
  public init(
    to target: OutputTarget, labels: [String] = [], options: FormatOptions = FormatOptions()
  ) throws(AnnotationError) {
    output = try OutputDocument(target)
    try output.write("[")
  }

  /// Writes the image's object.
  ///
  /// - Throws: `AnnotationError.output` or `outputClosed` if the document cannot be written.
  public mutating func write(_ image: AnnotatedImage) throws(AnnotationError) {
    try output.write(isEmpty ? "\n" : ",\n")
    try output.write(Self.object(image))
    isEmpty = false
  }

  /// Completes the array and puts the document in its place.
  ///
  /// - Throws: `AnnotationError.output` or `outputClosed` if the document cannot be written.
  public mutating func finish() throws(AnnotationError) {
    try output.write(isEmpty ? "]\n" : "\n]\n")
    try output.commit()
  }

  /// The object of one image, on one line: boxes `[x1, y1, x2, y2]` and circles to 2 decimals, scores to 4, and masks.
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
