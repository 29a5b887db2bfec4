import Tensor

/// Writes `voc`: Pascal VOC, an XML file a picture.
///
/// In the folder: `Annotations/<stem>.xml`, also for pictures without objects, `ImageSets/Main/default.txt`, the list of
/// the stems, and `labelmap.txt`. Subfolders of the pictures' names are kept.
public struct VOCWriter: AnnotationWriter, ~Copyable {
  /// How pixels are counted in `bndbox`, which has integers only.
  public enum Base: Int, Sendable, CaseIterable {
    /// From 0, right and bottom exclusive: the edges themselves, rounded outwards.
    case zero = 0
    /// From 1, right and bottom inclusive, as the VOC devkit: the pixels that the box touches.
    case one = 1
  }

  private var annotations: OutputFolder
  private var list: OutputFile
  private let labels: [String]
  private let base: Base

  /// Makes the folder and its `labelmap.txt`.
  ///
  /// - Parameter labels: the class names, indexed by `Detection.classID`.
  /// - Throws: `AnnotationError.invalidLabels` for a name that `labelmap.txt` cannot hold.
  public init(folder: String, labels: [String], base: Base = .one) throws(AnnotationError) {
    for label in labels where label.hasPrefix("#") || Self.breaksLine(label) || label.contains(":") {
      let reason = "it has a line break or ':', or begins with '#'"
      throw .invalidLabels("VOC's labelmap.txt cannot hold the label \(JSONText.quoted(label)): \(reason)")
    }
    let annotations = try OutputFolder(path: folder + "/Annotations", suffix: ".xml")
    var seen: Set<String> = []
    let rows = labels.filter { seen.insert($0).inserted }.map { "\($0):::\n" }
    var map = try OutputFile(path: folder + "/labelmap.txt")
    try map.write("# label:color_rgb:parts:actions\n" + rows.joined())
    try map.commit()
    try FileSystem.makeFolders(folder + "/ImageSets/Main")
    self.list = try OutputFile(path: folder + "/ImageSets/Main/default.txt")
    self.annotations = annotations
    self.labels = labels
    self.base = base
  }

  /// Writes the picture's XML file and lists it.
  ///
  /// - Throws: `AnnotationError.invalidImage` for a class that is not one of the labels, a name that the list cannot hold or that would
  ///   leave the folder, or one whose XML file another picture has.
  public mutating func write(_ image: AnnotatedImage) throws(AnnotationError) {
    try image.checkClasses(against: labels)
    guard !image.name.hasPrefix("#"), !Self.breaksLine(image.name) else {
      let reason = "VOC's list of images cannot hold a name that has a line break or begins with '#'"
      throw .invalidImage("\(image.name): \(reason)")
    }
    try annotations.write(document(image), for: image.name)
    try list.write(ImageName.stem(of: image.name) + "\n")
  }

  /// Puts the list of pictures into place.
  public consuming func finish() throws(AnnotationError) {
    try list.commit()
  }

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
        <segmented>0</segmented>

      """
    for detection in image.detections {
      let x = pixels(detection.box.x1, detection.box.x2, side: image.width)
      let y = pixels(detection.box.y1, detection.box.y2, side: image.height)
      text += """
          <object>
            <name>\(XMLText.escaped(labels[detection.classID]))</name>
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

  /// The whole pixels between two edges within `0...side`, at least one of them.
  private func pixels(_ low: Float, _ high: Float, side: Int) -> (min: Int, max: Int) {
    let first = min(Int(low.rounded(.down)), side - 1)
    let end = max(Int(high.rounded(.up)), first + 1)
    return (first + base.rawValue, end)
  }
}
