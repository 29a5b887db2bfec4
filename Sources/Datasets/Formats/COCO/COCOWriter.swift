import JSON

/// Writes `coco`: a COCO dataset with the detections as its annotations.
///
/// Annotation and category ids begin at 1. A circle's mask is the disc inside it. `area` is that of the mask, in pixels,
/// or of the box where there is none. A picture's id is its own, else the number in its name where that is a decimal
/// integer not yet taken (`000000000139.jpg` is 139), else the next free number from 1.
public struct COCOWriter: FormatWriter {
  private let output: OutputDocument
  private let annotations: Spool
  private let labels: LabelSet
  private let categories: COCOCategories
  private var numbering = ImageNumbering()
  private var imageCount = 0
  private var annotationCount = 0
  private var segmentation: SegmentationText
  private var usedClasses: Set<Int> = []

  /// The class names that were changed, and what masks and discs were not written as polygons.
  public var notes: [String] { labels.notes + segmentation.notes }

  /// Opens the document.
  ///
  /// - Parameters:
  ///   - target: where the document goes.
  ///   - labels: the class names, indexed by `Detection.classID`.
  ///   - options: of these `segmentation`: how masks and circles are written.
  /// - Throws: `AnnotationError.invalidLabels` for more than 10,000 names or one of more than 1,000 bytes, `.output` for a
  ///   target that cannot be written.
  public init(
    to target: OutputTarget, labels: [String], options: FormatOptions = FormatOptions()
  ) throws(AnnotationError) {
    self.labels = try LabelSet(labels)
    categories = COCOCategories(self.labels)
    segmentation = SegmentationText(options.segmentation)
    annotations = try Spool(for: target)
    output = try OutputDocument(target)
    try output.write("{\n\"info\": {\"description\": \"Annotations made by Limn\"},\n\"licenses\": [],\n\"images\": [")
  }

  /// Adds the picture and its annotations.
  ///
  /// - Throws: `AnnotationError.invalidImage` for a class that is not one of the labels or is the background, a circle in a
  ///   picture of more pixels than masks cover, or an id that another picture has.
  public mutating func write(_ image: AnnotatedImage) throws(AnnotationError) {
    try labels.check(image)
    let masks = try image.pixels()
    let id = try numbering.id(of: image)
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
  public mutating func finish() throws(AnnotationError) {
    try output.write(imageCount == 0 ? "],\n\"annotations\": [" : "\n],\n\"annotations\": [")
    try annotations.copy(to: output)
    try output.write(annotationCount == 0 ? "],\n\"categories\": [" : "\n],\n\"categories\": [")
    let objects = categories.objects(used: usedClasses)
    try output.write(objects.map { "\n" + $0 }.joined(separator: ",") + (objects.isEmpty ? "]\n}\n" : "\n]\n}\n"))
    try output.commit()
  }
}
