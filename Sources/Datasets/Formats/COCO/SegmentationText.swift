import JSON

/// How COCO documents hold masks, and the discs inside circles.
public enum SegmentationEncoding: Sendable, Hashable {
  /// Compressed run lengths, which hold every mask as it is.
  case runLengths
  /// Polygons: of masks along the edges of pixels, of circles regular ones, at most a quarter of a pixel inside the
  /// circle. A mask with holes, which polygons would fill, and one without pixels stay run lengths; the writer's notes
  /// count them.
  case polygons
}

/// Gives masks and discs the text of `segmentation`, and counts those that polygons cannot hold.
struct SegmentationText: Sendable {
  let encoding: SegmentationEncoding
  private var keptCount = 0

  init(_ encoding: SegmentationEncoding) { self.encoding = encoding }

  /// `{"size": [height, width], "counts": "..."}`, or `[[x1, y1, x2, y2, ...], ...]`, of the pixels of a detection.
  mutating func json(_ mask: Mask, of detection: Detection) -> String {
    guard encoding == .polygons else { return JSONText.mask(mask) }
    let polygons = detection.mask == nil ? Self.disc(mask, detection.circle) : Self.outlines(mask)
    guard !polygons.isEmpty else {
      keptCount += 1
      return JSONText.mask(mask)
    }
    return "[" + polygons.joined(separator: ", ") + "]"
  }

  /// The polygons of a mask, none where they cannot hold it.
  private static func outlines(_ mask: Mask) -> [String] {
    let contours = mask.contours()
    guard contours.holes.isEmpty else { return [] }
    return contours.outlines.map { outline in "[" + outline.map { "\($0.x), \($0.y)" }.joined(separator: ", ") + "]" }
  }

  /// The polygon of a circle, none where its disc has no pixels.
  private static func disc(_ mask: Mask, _ circle: Circle?) -> [String] {
    guard !mask.isEmpty, let polygon = circle?.polygon(width: mask.width, height: mask.height), !polygon.isEmpty
    else { return [] }
    return [JSONText.array(polygon.flatMap { [$0.x, $0.y] }, places: 2)]
  }

  /// What the user should know of the masks so far.
  var notes: [String] {
    guard keptCount > 0 else { return [] }
    let masks = keptCount == 1 ? "1 mask" : "\(keptCount) masks"
    return ["\(masks) with holes or without pixels stayed run lengths: polygons cannot hold them"]
  }
}
