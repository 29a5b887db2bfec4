/// Writes `coco`: a COCO dataset with the detections as its annotations.
///
/// Annotation and category ids begin at 1. A circle's mask is the disc inside it. `area` is that of the mask, in pixels,
/// or of the box where there is none. A picture's id is the number in its name where that is a decimal integer not yet
/// taken (`000000000139.jpg` is 139), else the next free number from 1.
public struct COCOWriter: AnnotationWriter, ~Copyable {
  private var output: OutputFile
  private var annotations: Spool
  private let labels: [String]
  private let categories: COCOCategories
  private var numbering = ImageNumbering()
  private var imageCount = 0
  private var annotationCount = 0
  private var segmentation: SegmentationText
  private var usedClasses: Set<Int> = []

  /// What masks and discs were not written as polygons.
  public var notes: [String] { segmentation.notes }

  /// Opens the document.
  ///
  /// - Parameters:
  ///   - target: where the document goes.
  ///   - labels: the class names, indexed by `Detection.classID`.
  ///   - segmentation: how masks and circles are written.
  public init(
    to target: OutputTarget, labels: [String], segmentation: SegmentationEncoding = .runLengths
  ) throws(AnnotationError) {
    let annotations = try Spool(in: target.spoolFolder)
    var output = try target.open()
    try output.write("{\n\"info\": {\"description\": \"Annotations made by Limn\"},\n\"licenses\": [],\n\"images\": [")
    self.output = output
    self.annotations = annotations
    self.labels = labels
    categories = COCOCategories(labels: labels)
    self.segmentation = SegmentationText(segmentation)
  }

  /// Adds the picture and its annotations.
  ///
  /// - Throws: `AnnotationError.invalidImage` for a class that is not one of the labels or is the background, or a circle in
  ///   a picture of more pixels than masks cover.
  public mutating func write(_ image: AnnotatedImage) throws(AnnotationError) {
    try image.checkClasses(against: labels)
    let masks = try image.pixels()
    let id = numbering.next(for: image.name)
    try output.write(imageCount == 0 ? "\n" : ",\n")
    try output.write(
      "{\"id\": \(id), \"width\": \(image.width), \"height\": \(image.height), "
        + "\"file_name\": \(JSONText.quoted(image.name))}")
    imageCount += 1
    for (detection, mask) in zip(image.detections, masks) {
      let (box, boxArea) = COCOText.boxAndArea(detection.box)
      let area = mask.map { String($0.area) } ?? boxArea
      let pixels = mask.map { segmentation.json($0, of: detection) } ?? "[]"
      usedClasses.insert(detection.classID)
      try annotations.write(annotationCount == 0 ? "\n" : ",\n")
      annotationCount += 1
      try annotations.write(
        "{\"id\": \(annotationCount), \"image_id\": \(id), \"category_id\": \(categories.ids[detection.classID]), "
          + "\"bbox\": \(box), \"area\": \(area), \"iscrowd\": 0, "
          + "\"segmentation\": \(pixels), \"score\": \(COCOText.score(detection.score))}")
    }
  }

  /// Adds the annotations and categories after the pictures, and puts the document into place.
  public consuming func finish() throws(AnnotationError) {
    try output.write(imageCount == 0 ? "],\n\"annotations\": [" : "\n],\n\"annotations\": [")
    try annotations.copy(to: &output)
    try output.write(annotationCount == 0 ? "],\n\"categories\": [" : "\n],\n\"categories\": [")
    let objects = categories.objects(used: usedClasses)
    try output.write(objects.map { "\n" + $0 }.joined(separator: ",") + (objects.isEmpty ? "]\n}\n" : "\n]\n}\n"))
    try output.commit()
  }
}
