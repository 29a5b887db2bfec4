import Tensor

/// Writes `yolo`: a text file a picture, `class cx cy width height` a line, as fractions of the picture's size.
///
/// In the folder: `labels/<stem>.txt`, also for pictures without objects, `classes.txt`, the class names one a line, and
/// `data.yaml`. The pictures belong in `images/` beside them. Subfolders of the pictures' names are kept.
public struct YOLOWriter: AnnotationWriter, ~Copyable {
  private var files: OutputFolder
  private let labels: [String]

  /// Makes the folder and its `classes.txt` and `data.yaml`.
  ///
  /// - Parameter labels: the class names, indexed by `Detection.classID`.
  /// - Throws: `AnnotationError.invalidLabels` for a name with a line break, which `classes.txt` cannot hold.
  public init(folder: String, labels: [String]) throws(AnnotationError) {
    for label in labels where label.unicodeScalars.contains(where: { $0 == "\n" || $0 == "\r" }) {
      throw .invalidLabels("YOLO's classes.txt cannot hold the label \(JSONText.quoted(label)): it has a line break")
    }
    let files = try OutputFolder(path: folder + "/labels", suffix: ".txt")
    var classes = try OutputFile(path: folder + "/classes.txt")
    try classes.write(labels.map { $0 + "\n" }.joined())
    try classes.commit()
    // A JSON string is a YAML string, whatever it holds: `no`, `1`, `a: b`.
    let names = labels.enumerated().map { "  \($0.offset): \(JSONText.quoted($0.element))\n" }
    var data = try OutputFile(path: folder + "/data.yaml")
    try data.write("train: images\nval: images\nnames:\(names.isEmpty ? " {}" : "")\n" + names.joined())
    try data.commit()
    self.files = files
    self.labels = labels
  }

  /// Writes the picture's text file.
  ///
  /// - Throws: `AnnotationError.invalidImage` for a class that is not one of the labels, a name that would leave the folder, or one whose
  ///   text file another picture has.
  public mutating func write(_ image: AnnotatedImage) throws(AnnotationError) {
    try image.checkClasses(against: labels)
    let rows = image.detections.map { detection in
      Self.row(detection.classID, detection.box, width: Double(image.width), height: Double(image.height))
    }
    try files.write(rows.joined(), for: image.name)
  }

  /// Nothing is left to do: each file is in place.
  public consuming func finish() throws(AnnotationError) {}

  private static func row(_ classID: Int, _ box: Box, width: Double, height: Double) -> String {
    let (x1, x2) = (Double(box.x1) / width, Double(box.x2) / width)
    let (y1, y2) = (Double(box.y1) / height, Double(box.y2) / height)
    let numbers = [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1]
    return "\(classID) " + numbers.map { DecimalText.fixed($0, places: 6) }.joined(separator: " ") + "\n"
  }
}
