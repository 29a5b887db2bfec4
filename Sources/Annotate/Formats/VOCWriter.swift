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
    for label in labels
    where label.hasPrefix("#") || label.unicodeScalars.contains(where: { $0 == ":" || $0 == "\n" || $0 == "\r" }) {
      throw .invalidLabels(
        "VOC's labelmap.txt cannot hold the label \(JSONText.quoted(label)): it has a line break or ':', or begins with '#'"
      )
    }
    let annotations = try OutputFolder(path: folder + "/Annotations", suffix: ".xml")
    var map = try OutputFile(path: folder + "/labelmap.txt")
    try map.write("# label:color_rgb:parts:actions\n" + labels.map { "\($0):::\n" }.joined())
    try map.commit()
    try FileSystem.makeFolders(folder + "/ImageSets/Main")
    self.list = try OutputFile(path: folder + "/ImageSets/Main/default.txt")
    self.annotations = annotations
    self.labels = labels
    self.base = base
  }

  public mutating func write(_ image: AnnotatedImage) throws(AnnotationError) {
    try image.checkClasses(against: labels)
    guard !image.name.unicodeScalars.contains(where: { $0 == "\n" || $0 == "\r" }) else {
      throw .invalidImage("\(image.name): VOC's list of images cannot hold a name with a line break")
    }
    try annotations.write(document(image), for: image.name)
    try list.write(ImageName.stem(of: image.name) + "\n")
  }

  public consuming func finish() throws(AnnotationError) {
    try list.commit()
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
