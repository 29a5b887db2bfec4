import Codecs
import Files
import JSON

/// Writes the format `voc`: Pascal VOC, a folder with an XML file per image.
///
/// The folder holds:
/// - `Annotations/<stem>.xml` for every image, also for one without objects,
/// - `ImageSets/Main/default.txt`, the list of the stems,
/// - `labelmap.txt`, the labels with their colours,
/// - for images with masks `SegmentationClass/<stem>.png`, `SegmentationObject/<stem>.png`, and a line in
///   `ImageSets/Segmentation/default.txt`.
///
/// A stem is the image's name without its extension; subfolders in names are kept.
public struct VOCWriter: FormatWriter {
  /// How pixels are counted in `bndbox`, whose numbers are integers.
  public enum Base: Int, Sendable, CaseIterable {
    /// From 0, with right and bottom exclusive: the edges of the box, rounded outwards.
    case zero = 0
    /// From 1, with right and bottom inclusive, as in the VOC devkit: the pixels that the box touches.
    case one = 1
  }

  static let isOneDocument = false

  static func files(for name: String) -> [String] { [annotation(of: name)] + masks(of: name) }

  static let tables = ["labelmap.txt", "ImageSets/Main/default.txt", "ImageSets/Segmentation/default.txt"]

  private static func annotation(of name: String) -> String { "Annotations/\(Path.stem(of: name)).xml" }

  private static func masks(of name: String) -> [String] {
    let stem = Path.stem(of: name)
    return ["\(VOCFolders.classMasks)/\(stem).png", "\(VOCFolders.objectMasks)/\(stem).png"]
  }

  private var folder: OutputFolder
  private let list: OutputDocument
  private let labels: LabelSet
  private let base: Base
  private let table: VOCLabelTable
  /// The stems of images with masks.
  private var segmented: [String] = []

  /// Sentences for the user about class names that were changed.
  public var notes: [String] { labels.notes }

  /// Makes a writer, and writes `labelmap.txt`.
  ///
  /// - Parameters:
  ///   - target: A folder, created if it is missing, or memory.
  ///   - labels: The class names, indexed by `Detection.classID`.
  ///   - options: The options, of which `vocBase` is used.
  /// - Throws: `AnnotationError.invalidLabels` for a name that contains a line break or `:` or begins with `#`, for
  ///   more than 10,000 names, or for one of more than 1,000 bytes; `AnnotationError.output` for a folder that cannot
  ///   be written.
  public init(
    to target: OutputTarget, labels: [String], options: FormatOptions = FormatOptions()
  ) throws(AnnotationError) {
    for label in labels where Self.isComment(label) || Self.breaksLine(label) || label.utf8.contains(UInt8(ascii: ":"))
    {
      let reason = "it contains a line break or ':', or begins with '#'"
      throw .invalidLabels("VOC's labelmap.txt cannot hold the label \(JSONText.quoted(label)): \(reason)")
    }
    self.labels = try LabelSet(labels)
    table = VOCLabelTable(self.labels)
    folder = try OutputFolder(target)
    let map = try folder.table("labelmap.txt")
    try map.write("# label:color_rgb:parts:actions\n" + table.rows.joined())
    try map.commit(synchronizesFolder: false)
    list = try folder.table("ImageSets/Main/default.txt")
    base = options.vocBase
  }

  /// Writes the image's XML file and its mask images, and adds its stem to the lists.
  ///
  /// - Throws: `AnnotationError.invalidImage` for a class that is not one of the labels or is the background; for a
  ///   name that the list cannot hold, that would leave the folder, or whose XML file another image has; with masks,
  ///   for more than 254 objects or a class beyond the 254th colour. `AnnotationError.output` if a file cannot be
  ///   written.
  public mutating func write(_ image: AnnotatedImage) throws(AnnotationError) {
    try labels.check(image)
    guard !Self.isComment(image.name), !Self.breaksLine(image.name) else {
      let reason = "VOC's list of images cannot hold a name that contains a line break or begins with '#'"
      throw .invalidImage("\(image.name): \(reason)")
    }
    var files = [(path: Self.annotation(of: image.name), bytes: Array(document(image).utf8))]
    if image.hasMasks {
      let images = try VOCMaskImages(image, table: table)
      files += zip(Self.masks(of: image.name), [images.classes, images.objects]).map { (path: $0, bytes: $1) }
    }
    try folder.write(files, for: image.name)
    let stem = Path.stem(of: image.name)
    try list.write(stem + "\n")
    if image.hasMasks { segmented.append(stem) }
  }

  /// Puts the lists of images in their places.
  ///
  /// - Throws: `AnnotationError.output` if a file cannot be written.
  public mutating func finish() throws(AnnotationError) {
    if !segmented.isEmpty {
      let list = try folder.table("ImageSets/Segmentation/default.txt")
      for stem in segmented { try list.write(stem + "\n") }
      try list.commit(synchronizesFolder: false)
    }
    try list.commit(synchronizesFolder: false)
    try folder.finish()
  }

  private static func isComment(_ line: String) -> Bool { line.utf8.first == UInt8(ascii: "#") }

  private static func breaksLine(_ text: String) -> Bool {
    text.unicodeScalars.contains { $0 == "\n" || $0 == "\r" }
  }

  private func document(_ image: AnnotatedImage) -> String {
    var text = """
      <annotation>
        <folder></folder>
        <filename>\(XMLText.escaped(image.name))</filename>
        <source>
          <database>Unknown</database>
        </source>
        <size>
          <width>\(image.width)</width>
          <height>\(image.height)</height>
          <depth>3</depth>
        </size>
        <segmented>\(image.hasMasks ? 1 : 0)</segmented>

      """
    for detection in image.detections {
      let x = pixels(detection.box.x1, detection.box.x2, side: image.width)
      let y = pixels(detection.box.y1, detection.box.y2, side: image.height)
      text += """
          <object>
            <name>\(XMLText.escaped(labels.names[detection.classID]))</name>
            <pose>Unspecified</pose>
            <truncated>0</truncated>
            <difficult>0</difficult>
            <bndbox>
              <xmin>\(x.min)</xmin>
              <ymin>\(y.min)</ymin>
              <xmax>\(x.max)</xmax>
              <ymax>\(y.max)</ymax>
            </bndbox>
          </object>

        """
    }
    return text + "</annotation>\n"
  }

  /// The pixels that an interval within `0...side` touches, at least one.
  private func pixels(_ low: Float, _ high: Float, side: Int) -> (min: Int, max: Int) {
    let first = min(Int(low.rounded(.down)), side - 1)
    let end = max(Int(high.rounded(.up)), first + 1)
    return (first + base.rawValue, end)
  }
}
