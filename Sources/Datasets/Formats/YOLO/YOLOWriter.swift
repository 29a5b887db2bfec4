import Files
import JSON

/// Writes `yolo`: a text file a picture, `class cx cy width height` a line, as fractions of the picture's size.
///
/// A picture with masks gets `class x1 y1 x2 y2 ...` a line instead, one polygon a mask: parts and holes are joined by
/// bridges of no width. So does one with circles, on request. The two kinds never meet in a file: beside polygons, a box
/// is written by its corners. A mask without pixels and a circle outside the picture have no line there; the notes count
/// them.
///
/// In the folder: `labels/<stem>.txt`, also for pictures without objects, `classes.txt`, the class names one a line, and
/// `data.yaml`. The pictures belong in `images/` beside them. Subfolders of the pictures' names are kept.
public struct YOLOWriter: FormatWriter {
  /// How circles are written.
  public enum CircleForm: Sendable, CaseIterable {
    /// As their boxes.
    case boxes
    /// As regular polygons, at most a quarter of a pixel inside the circle, clipped to the picture.
    case polygons
  }

  static let isOneDocument = false

  static func files(for name: String) -> [String] { ["labels/\(Path.stem(of: name)).txt"] }

  static let tables = ["classes.txt", "data.yaml"]

  private var folder: OutputFolder
  private let labels: LabelSet
  private let circles: CircleForm
  private var emptyCount = 0

  /// The class names that were changed, and how many masks and circles have no line.
  public var notes: [String] {
    guard emptyCount > 0 else { return labels.notes }
    let masks = emptyCount == 1 ? "1 mask" : "\(emptyCount) masks"
    return labels.notes + ["\(masks) without pixels left out: YOLO cannot hold them"]
  }

  /// Makes the folder and its `classes.txt` and `data.yaml`.
  ///
  /// - Parameters:
  ///   - target: the folder, made where it is missing.
  ///   - labels: the class names, indexed by `Detection.classID`.
  ///   - options: of these `yoloCircles`: how circles are written.
  /// - Throws: `AnnotationError.invalidLabels` for a name with a line break, which `classes.txt` cannot hold, for more than
  ///   10,000 names or one of more than 1,000 bytes, `.output` for a folder that cannot be written.
  public init(
    to target: OutputTarget, labels: [String], options: FormatOptions = FormatOptions()
  ) throws(AnnotationError) {
    for label in labels where label.unicodeScalars.contains(where: { $0 == "\n" || $0 == "\r" }) {
      throw .invalidLabels("YOLO's classes.txt cannot hold the label \(JSONText.quoted(label)): it has a line break")
    }
    self.labels = try LabelSet(labels)
    circles = options.yoloCircles
    folder = try OutputFolder(target)
    let classes = try folder.table("classes.txt")
    try classes.write(self.labels.names.map { $0 + "\n" }.joined())
    try classes.commit(synchronizesFolder: false)
    let data = try folder.table("data.yaml")
    try data.write(YOLODataText.text(names: self.labels.names, folder: folder.absolutePath))
    try data.commit(synchronizesFolder: false)
  }

  /// Writes the picture's text file.
  ///
  /// - Throws: `AnnotationError.invalidImage` for a class that is not one of the labels or is the background, a name that
  ///   would leave the folder, or one whose text file another picture has.
  public mutating func write(_ image: AnnotatedImage) throws(AnnotationError) {
    try labels.check(image)
    let size = (width: Double(image.width), height: Double(image.height))
    let hasPolygons = image.detections.contains { $0.mask != nil || isPolygon($0.circle) }
    var rows = ""
    var empty = 0
    for detection in image.detections {
      guard hasPolygons else {
        rows += Self.row(detection.classID, box: detection.box, size)
        continue
      }
      let corners = corners(of: detection, in: image)
      if corners.isEmpty { empty += 1 } else { rows += Self.row(detection.classID, corners: corners, size) }
    }
    try folder.write(Self.files(for: image.name).map { (path: $0, bytes: Array(rows.utf8)) }, for: image.name)
    emptyCount += empty
  }

  /// Makes what is in place last.
  public mutating func finish() throws(AnnotationError) { folder.synchronize() }

  private static func row(_ classID: Int, box: Box, _ size: (width: Double, height: Double)) -> String {
    let (x1, x2) = (Double(box.x1) / size.width, Double(box.x2) / size.width)
    let (y1, y2) = (Double(box.y1) / size.height, Double(box.y2) / size.height)
    return row(classID, [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1])
  }

  private static func row(
    _ classID: Int, corners: [(x: Double, y: Double)], _ size: (width: Double, height: Double)
  ) -> String {
    row(classID, corners.flatMap { [$0.x / size.width, $0.y / size.height] })
  }

  private static func row(_ classID: Int, _ numbers: [Double]) -> String {
    "\(classID) " + numbers.map { DecimalText.fixed($0, places: 6) }.joined(separator: " ") + "\n"
  }

  private func isPolygon(_ circle: Circle?) -> Bool { circle != nil && circles == .polygons }

  /// The polygon of a mask or circle, or of a box where there is none.
  private func corners(of detection: Detection, in image: AnnotatedImage) -> [(x: Double, y: Double)] {
    if let mask = detection.mask { return mask.contours().joined.map { (Double($0.x), Double($0.y)) } }
    if let circle = detection.circle, isPolygon(circle) {
      return circle.polygon(width: image.width, height: image.height)
    }
    let (x1, y1) = (Double(detection.box.x1), Double(detection.box.y1))
    let (x2, y2) = (Double(detection.box.x2), Double(detection.box.y2))
    return [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]
  }
}
