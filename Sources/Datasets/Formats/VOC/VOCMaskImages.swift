import Codecs

/// The two indexed PNG files of VOC that hold the masks of a picture.
///
/// Where masks overlap, the object that comes first, the one of higher score, covers the others. Pixels of no object
/// are 0; there is no border of 255 around objects, so that each keeps all of its pixels.
struct VOCMaskImages {
  /// The largest index: 255 means "do not care" to the devkit.
  static let largestIndex = 254

  /// The file of `SegmentationClass`: pixels hold the index of their class.
  let classes: [UInt8]
  /// The file of `SegmentationObject`: pixels hold the place of their object in the XML file, from 1.
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
        throw .invalidImage("\(image.name): VOC's images of masks hold \(Self.largestIndex) objects, not \(place + 1)")
      }
      let index = table.indices[detection.classID]
      guard index <= Self.largestIndex else {
        throw .invalidImage(
          "\(image.name): VOC's images of masks hold \(Self.largestIndex) classes, and class \(detection.classID) is beyond"
        )
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
