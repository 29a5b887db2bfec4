import JSON

/// Writes the format `coco`: a COCO dataset with the detections as annotations.
///
/// Annotation and category ids start at 1. A circle is written as the mask of its disc. `area` is that of the mask in
/// pixels, or that of the box if there is no mask. An image's id is `AnnotatedImage.id`; without one it is the number
/// in the name, if that is a decimal integer not used before (`000000000139.jpg` is 139), else the next free number
/// from 1.
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

  /// Sentences for the user about class names that were changed, and masks and circles not written as polygons.
  public var notes: [String] { labels.notes + segmentation.notes }

  /// Makes a writer and opens the document.
  ///
  /// - Parameters:
  ///   - target: Standard output, a file or memory.
  ///   - labels: The class names, indexed by `Detection.classID`.
  ///   - options: The options, of which `segmentation` is used.
  /// - Throws: `AnnotationError.invalidLabels` for more than 10,000 names or one of more than 1,000 bytes,
  ///   `AnnotationError.output` for a target that cannot be written.
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

  /// Writes the image and its annotations.
  ///
  /// - Throws: `AnnotationError.invalidImage` for a class that is not one of the labels or is the background, an id
  ///   that another image has, or a circle in an image with more pixels than a mask can cover. `AnnotationError.output`
  ///   or `outputClosed` if the document cannot be written.
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

  /// Writes the annotations and categories after the images, and puts the document in its place.
  ///
  /// - Throws: `AnnotationError.output` or `outputClosed` if the document cannot be written.
  public mutating func finish() throws(AnnotationError) {
    try output.write(imageCount == 0 ? "],\n\"annotations\": [" : "\n],\n\"annotations\": [")
    try annotations.copy(to: output)
    try output.write(annotationCount == 0 ? "],\n\"categories\": [" : "\n],\n\"categories\": [")
    let objects = categories.objects(used: usedClasses)
    try output.write(objects.map { "\n" + $0 }.joined(separator: ",") + (objects.isEmpty ? "]\n}\n" : "\n]\n}\n"))
    try output.commit()
  }
}
