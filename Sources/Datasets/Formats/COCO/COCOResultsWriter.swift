import JSON

/// Writes the format `coco-results`: the list of scored boxes and masks that COCO's evaluation reads. A circle is
/// written as the mask of its disc.
///
/// Images have the ids that `COCOWriter` gives them.
public struct COCOResultsWriter: FormatWriter {
  private let output: OutputDocument
  private let labels: LabelSet
  private let categories: COCOCategories
  private var numbering = ImageNumbering()
  private var segmentation: SegmentationText
  private var isEmpty = true

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
    output = try OutputDocument(target)
    try output.write("[")
  }

  /// Writes the image's results.
  ///
  /// - Throws: `AnnotationError.invalidImage` for a class that is not one of the labels or is the background, an id
  ///   that another image has, or a circle in an image with more pixels than a mask can cover. `AnnotationError.output`
  ///   or `outputClosed` if the document cannot be written.
  public mutating func write(_ image: AnnotatedImage) throws(AnnotationError) {
    try labels.check(image)
    let masks = try image.pixels()
    let id = try numbering.id(of: image)
    for (detection, mask) in zip(image.detections, masks) {
      try output.write(isEmpty ? "\n" : ",\n")
      isEmpty = false
      try output.write(
        "{\"image_id\": \(id), \"category_id\": \(categories.ids[detection.classID]), "
          + "\"bbox\": \(COCOText.boxAndArea(detection.box).box), \"score\": \(COCOText.score(detection.score))")
      if let mask { try output.write(", \"segmentation\": \(segmentation.json(mask, of: detection))") }
      try output.write("}")
    }
  }

  /// Completes the list and puts the document in its place.
  ///
  /// - Throws: `AnnotationError.output` or `outputClosed` if the document cannot be written.
  public mutating func finish() throws(AnnotationError) {
    try output.write(isEmpty ? "]\n" : "\n]\n")
    try output.commit()
  }
}
