/// Writes `coco-results`: the list of scored boxes and masks that COCO evaluation reads; a circle is the mask of its
/// disc.
///
/// Pictures are numbered as in `COCOWriter`. The id is a result's only link to its picture, so a picture whose name asks
/// for a number already taken is refused rather than renumbered.
public struct COCOResultsWriter: AnnotationWriter, ~Copyable {
  private var output: OutputFile
  private let labels: [String]
  private let categories: COCOCategories
  private var numbering = ImageNumbering()
  private var segmentation: SegmentationText
  private var isEmpty = true

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
    var output = try target.open()
    try output.write("[")
    self.output = output
    self.labels = labels
    categories = COCOCategories(labels: labels)
    self.segmentation = SegmentationText(segmentation)
  }

  /// Adds the picture's results.
  ///
  /// - Throws: `AnnotationError.invalidImage` for a class that is not one of the labels or is the background, an id already
  ///   taken, or a circle in a picture of more pixels than masks cover.
  public mutating func write(_ image: AnnotatedImage) throws(AnnotationError) {
    try image.checkClasses(against: labels)
    let masks = try image.pixels()
    if let number = ImageNumbering.numericStem(of: image.name), numbering.isUsed(number) {
      throw .invalidImage("\(image.name): image id \(number) is taken by another image, and results have no other link")
    }
    let id = numbering.next(for: image.name)
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
  public consuming func finish() throws(AnnotationError) {
    try output.write(isEmpty ? "]\n" : "\n]\n")
    try output.commit()
  }
}
