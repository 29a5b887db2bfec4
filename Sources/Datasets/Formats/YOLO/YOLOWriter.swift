import Files
import JSON

/// Writes the format `yolo`: a folder with a text file per image.
///
/// The folder holds:
/// - `labels/<stem>.txt` for every image, also for one without objects,
/// - `classes.txt`, the class names, one per line,
/// - `data.yaml`, for training; it expects the images in `images/`.
///
/// A stem is the image's name without its extension; subfolders in names are kept.
///
/// A line of an image is `class cx cy width height`, in fractions of the image's size. An image with masks has polygons
/// instead, `class x1 y1 x2 y2 ...`, one per mask; its parts and holes are joined by bridges of zero width. An image
/// with circles has polygons if `CircleForm.polygons` is chosen. A file never mixes the two: with polygons, boxes are
/// written as their four corners. Masks without pixels and circles outside the image have no polygon and are left out;
/// the notes count them.
public struct YOLOWriter: FormatWriter {
  /// How circles are written.
  public enum CircleForm: Sendable, CaseIterable {
    /// As their bounding boxes.
    case boxes
    /// As regular polygons, at most a quarter of a pixel inside the circle and clipped to the image.
    case polygons
  }

  static let isOneDocument = false

  static func files(for name: String) -> [String] { ["labels/\(Path.stem(of: name)).txt"] }

  static let tables = ["classes.txt", "data.yaml"]

  private var folder: OutputFolder
  private let labels: LabelSet
  private let circles: CircleForm
  private var emptyCount = 0

  /// Sentences for the user about class names that were changed, and masks and circles that were left out.
  public var notes: [String] {
    guard emptyCount > 0 else { return labels.notes }
    let masks = emptyCount == 1 ? "1 mask" : "\(emptyCount) masks"
    return labels.notes + ["\(masks) without pixels left out: YOLO cannot represent them"]
  }

  /// Makes a writer, and writes `classes.txt` and `data.yaml`.
  ///
  /// - Parameters:
  ///   - target: A folder, created if it is missing, or memory.
  ///   - labels: The class names, indexed by `Detection.classID`.
  ///   - options: The options, of which `yoloCircles` is used.
  /// - Throws: `AnnotationError.invalidLabels` for a name that contains a line break, for more than 10,000 names, or
  ///   for one of more than 1,000 bytes; `AnnotationError.output` for a folder that cannot be written.
  public init(
    to target: OutputTarget, labels: [String], options: FormatOptions = FormatOptions()
  ) throws(AnnotationError) {
    for label in labels where label.unicodeScalars.contains(where: { $0 == "\n" || $0 == "\r" }) {
      throw .invalidLabels(
        "YOLO's classes.txt cannot hold the label \(JSONText.quoted(label)): it contains a line break")
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

  /// Writes the image's text file.
  ///
  /// - Throws: `AnnotationError.invalidImage` for a class that is not one of the labels or is the background, a name
  ///   that would leave the folder, or one whose text file another image has. `AnnotationError.output` if the file
  ///   cannot be written.
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

  /// Syncs the folders to disk, so that the files survive a power failure.
  public mutating func finish() throws(AnnotationError) { try folder.finish() }

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

  /// The polygon of the mask or circle, else the corners of the box.
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
