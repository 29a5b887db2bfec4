/// Writes `coco`: a COCO dataset with the detections as its annotations.
///
/// Annotation and category ids begin at 1. A picture's id is the number in its name where that is a decimal integer not
/// yet taken (`000000000139.jpg` is 139), else the next free number from 1.
public struct COCOWriter: AnnotationWriter, ~Copyable {
  private var output: OutputFile
  private var annotations: Spool
  private let labels: [String]
  private let categories: COCOCategories
  private var numbering = ImageNumbering()
  private var imageCount = 0
  private var annotationCount = 0

  /// Opens the document.
  ///
  /// - Parameter labels: the class names, indexed by `Detection.classID`.
  public init(to target: OutputTarget, labels: [String]) throws(AnnotationError) {
    let categories = COCOCategories(labels: labels)
    let annotations = try Spool(in: target.spoolFolder)
    var output = try target.open()
    try output.write("{\n\"info\": {\"description\": \"Annotations made by Limn\"},\n\"licenses\": [],\n")
    try output.write("\"categories\": [" + categories.objects.map { "\n" + $0 }.joined(separator: ","))
    try output.write(labels.isEmpty ? "],\n\"images\": [" : "\n],\n\"images\": [")
    self.output = output
    self.annotations = annotations
    self.labels = labels
    self.categories = categories
  }

  /// Adds the picture and its annotations.
  ///
  /// - Throws: `AnnotationError.invalidImage` for a class that is not one of the labels.
  public mutating func write(_ image: AnnotatedImage) throws(AnnotationError) {
    try image.checkClasses(against: labels)
    let id = numbering.next(for: image.name)
    try output.write(imageCount == 0 ? "\n" : ",\n")
    try output.write(
      "{\"id\": \(id), \"width\": \(image.width), \"height\": \(image.height), "
        + "\"file_name\": \(JSONText.quoted(image.name))}")
    imageCount += 1
    for detection in image.detections {
      let (box, area) = COCOText.boxAndArea(detection.box)
      try annotations.write(annotationCount == 0 ? "\n" : ",\n")
      annotationCount += 1
      try annotations.write(
        "{\"id\": \(annotationCount), \"image_id\": \(id), \"category_id\": \(categories.ids[detection.classID]), "
          + "\"bbox\": \(box), \"area\": \(area), \"iscrowd\": 0, \"segmentation\": [], "
          + "\"score\": \(COCOText.score(detection.score))}")
    }
  }

  /// Adds the annotations after the pictures, and puts the document into place.
  public consuming func finish() throws(AnnotationError) {
    try output.write(imageCount == 0 ? "],\n\"annotations\": [" : "\n],\n\"annotations\": [")
    try annotations.copy(to: &output)
    try output.write(annotationCount == 0 ? "]\n}\n" : "\n]\n}\n")
    try output.commit()
  }
}
