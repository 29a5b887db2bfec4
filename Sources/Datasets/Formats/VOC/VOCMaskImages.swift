import Codecs

/// The two indexed PNG files of VOC with the masks of an image.
///
/// Where masks overlap, the object that comes first covers the others; detectors put higher scores first. Pixels of no
/// object are 0. Objects have no border of 255, so that each keeps all its pixels.
struct VOCMaskImages {
  /// The largest index: 255 means "do not care" in the devkit.
  static let largestIndex = 254

  /// The file for `SegmentationClass`, whose pixels are class indices.
  let classes: [UInt8]
  /// The file for `SegmentationObject`, whose pixels are positions of objects in the XML file, from 1.
  let objects: [UInt8]

  /// Draws the masks and encodes the images.
  ///
  /// - Throws: `AnnotationError.invalidImage` for an index above `largestIndex`.
  init(_ image: AnnotatedImage, table: VOCLabelTable) throws(AnnotationError) {
    var objects = [UInt8](repeating: 0, count: image.width * image.height)
    // The class of each object's index.
    var lookup = [UInt8](repeating: 0, count: 256)
    for (place, detection) in image.detections.enumerated().reversed() {
      guard let mask = detection.mask else { continue }
      guard place < Self.largestIndex else {
        throw .invalidImage(
          "\(image.name): VOC's mask images can hold \(Self.largestIndex) objects, got \(place + 1)")
      }
      let index = table.indices[detection.classID]
      guard index <= Self.largestIndex else {
        throw .invalidImage(
          "\(image.name): VOC's mask images can hold \(Self.largestIndex) classes, got class "
            + "\(detection.classID)")
      }
      lookup[place + 1] = UInt8(index)
      for span in mask.spans {
        for y in span.rows { objects[y * image.width + span.x] = UInt8(place + 1) }
      }
    }
    let palette = (0..<256).map(VOCLabelTable.color).flatMap { [$0.red, $0.green, $0.blue] }
    do {
      self.objects = try ImageFile.encodePNG(
        indices: objects, width: image.width, height: image.height, palette: palette)
      for place in objects.indices { objects[place] = lookup[Int(objects[place])] }
      self.classes = try ImageFile.encodePNG(
        indices: objects, width: image.width, height: image.height, palette: palette)
    } catch {
      throw .invalidImage("\(image.name): \(error)")
    }
  }
}
