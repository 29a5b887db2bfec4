import JSON

/// Writes `coco-results`: the list of scored boxes and masks that COCO evaluation reads; a circle is the mask of its
/// disc.
///
/// Pictures are numbered as in `COCOWriter`, to which results belong by these numbers.
public struct COCOResultsWriter: FormatWriter {
  private let output: OutputDocument
  private let labels: LabelSet
  private let categories: COCOCategories
  private var numbering = ImageNumbering()
  private var segmentation: SegmentationText
  private var isEmpty = true

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
    output = try OutputDocument(target)
    try output.write("[")
  }

  /// Adds the picture's results.
  ///
  /// - Throws: `AnnotationError.invalidImage` for a class that is not one of the labels or is the background, an id that
  ///   another picture has, or a circle in a picture of more pixels than masks cover.
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

  /// Closes the list and puts the document into place.
  public mutating func finish() throws(AnnotationError) {
    try output.write(isEmpty ? "]\n" : "\n]\n")
    try output.commit()
  }
}
