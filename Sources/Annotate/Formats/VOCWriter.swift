import Networks
import Tensor

/// Writes `voc`: Pascal VOC, an XML file a picture.
///
/// In the folder: `Annotations/<stem>.xml`, also for pictures without objects, `ImageSets/Main/default.txt`, the list of
/// the stems, and `labelmap.txt`, the labels with their colours. Subfolders of the pictures' names are kept.
///
/// A picture with masks has also `SegmentationClass/<stem>.png` and `SegmentationObject/<stem>.png`, and a line in
/// `ImageSets/Segmentation/default.txt`.
public struct VOCWriter: AnnotationWriter, ~Copyable {
  /// How pixels are counted in `bndbox`, which has integers only.
  public enum Base: Int, Sendable, CaseIterable {
    /// From 0, right and bottom exclusive: the edges themselves, rounded outwards.
    case zero = 0
    /// From 1, right and bottom inclusive, as the VOC devkit: the pixels that the box touches.
    case one = 1
  }

  /// The subfolders that hold the images of masks: `<stem>.png`.
  private static let maskFolders = (classes: "SegmentationClass", objects: "SegmentationObject")

  /// The files in the folder that a picture of that name may have.
  package static func files(for name: String) -> [String] {
    let stem = ImageName.stem(of: name)
    return ["Annotations/\(stem).xml"] + [maskFolders.classes, maskFolders.objects].map { "\($0)/\(stem).png" }
  }

  /// The files in the folder that all pictures share.
  package static let tables = ["labelmap.txt", "ImageSets/Main/default.txt", "ImageSets/Segmentation/default.txt"]

  private var annotations: OutputFolder
  private var list: OutputFile
  private let labels: [String]
  private let base: Base
  private let table: VOCLabelTable
  private let folder: String
  private var segmentation: Segmentation?

  /// The files of pictures with masks, made with the first of them.
  private struct Segmentation {
    var classes: OutputFolder
    var objects: OutputFolder
    var stems: [String] = []

    init(folder: String) throws(AnnotationError) {
      classes = try OutputFolder(path: "\(folder)/\(maskFolders.classes)", suffix: ".png")
      objects = try OutputFolder(path: "\(folder)/\(maskFolders.objects)", suffix: ".png")
    }
  }

  /// Makes the folder and its `labelmap.txt`.
  ///
  /// - Parameters:
  ///   - folder: the folder, made where it is missing.
  ///   - labels: the class names, indexed by `Detection.classID`.
  ///   - base: how boxes count pixels.
  /// - Throws: `AnnotationError.invalidLabels` for a name that `labelmap.txt` cannot hold.
  public init(folder: String, labels: [String], base: Base = .one) throws(AnnotationError) {
    for label in labels where label.hasPrefix("#") || Self.breaksLine(label) || label.contains(":") {
      let reason = "it has a line break or ':', or begins with '#'"
      throw .invalidLabels("VOC's labelmap.txt cannot hold the label \(JSONText.quoted(label)): \(reason)")
    }
    let annotations = try OutputFolder(path: folder + "/Annotations", suffix: ".xml")
    let table = VOCLabelTable(labels)
    var map = try OutputFile(path: folder + "/labelmap.txt")
    try map.write("# label:color_rgb:parts:actions\n" + table.rows.joined())
    try map.commit()
    try FileSystem.makeFolders(folder + "/ImageSets/Main")
    self.list = try OutputFile(path: folder + "/ImageSets/Main/default.txt")
    self.annotations = annotations
    self.labels = labels
    self.base = base
    self.table = table
    self.folder = folder
  }

  /// Writes the picture's XML file and lists it, and the images of its masks.
  ///
  /// - Throws: `AnnotationError.invalidImage` for a class that is not one of the labels or is the background, a name that
  ///   the list cannot hold or that would leave the folder, or one whose XML file another picture has; with masks, for
  ///   more than 254 objects or a class beyond the 254th colour.
  public mutating func write(_ image: AnnotatedImage) throws(AnnotationError) {
    try image.checkClasses(against: labels)
    guard !image.name.hasPrefix("#"), !Self.breaksLine(image.name) else {
      let reason = "VOC's list of images cannot hold a name that has a line break or begins with '#'"
      throw .invalidImage("\(image.name): \(reason)")
    }
    let images = image.hasMasks ? try VOCMaskImages(image, table: table) : nil
    try annotations.write(document(image), for: image.name)
    try list.write(ImageName.stem(of: image.name) + "\n")
    guard let images else { return }
    if segmentation == nil { segmentation = try Segmentation(folder: folder) }
    try segmentation?.classes.write(images.classes, for: image.name)
    try segmentation?.objects.write(images.objects, for: image.name)
    segmentation?.stems.append(ImageName.stem(of: image.name))
  }

  /// Puts the lists of pictures into place.
  public consuming func finish() throws(AnnotationError) {
    if let segmentation {
      try FileSystem.makeFolders(folder + "/ImageSets/Segmentation")
      var segmented = try OutputFile(path: folder + "/ImageSets/Segmentation/default.txt")
      for stem in segmentation.stems { try segmented.write(stem + "\n") }
      try segmented.commit()
    }
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
        <segmented>\(image.hasMasks ? 1 : 0)</segmented>

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
