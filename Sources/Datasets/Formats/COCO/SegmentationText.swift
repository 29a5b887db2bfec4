import JSON

/// How masks, and the discs of circles, are written in the COCO formats.
public enum SegmentationEncoding: Sendable, Hashable {
  /// Compressed run lengths (RLE), which represent every mask exactly.
  case runLengths
  /// Polygons. Those of masks follow the edges of pixels; those of circles are regular and at most a quarter of a pixel
  /// inside the circle.
  ///
  /// Masks with holes, which polygons would fill, and masks without pixels are written as run lengths; the writer's
  /// notes count them.
  case polygons
}

/// Writes the value of `segmentation` for masks and discs, and counts those that polygons cannot represent.
struct SegmentationText: Sendable {
  let encoding: SegmentationEncoding
  private var keptCount = 0

  init(_ encoding: SegmentationEncoding) { self.encoding = encoding }

  /// The pixels of a detection as `{"size": [height, width], "counts": "..."}` or `[[x1, y1, x2, y2, ...], ...]`.
  mutating func json(_ mask: Mask, of detection: Detection) -> String {
    guard encoding == .polygons else { return JSONText.mask(mask) }
    let polygons = detection.mask == nil ? Self.disc(mask, detection.circle) : Self.outlines(mask)
    guard !polygons.isEmpty else {
      keptCount += 1
      return JSONText.mask(mask)
    }
    return "[" + polygons.joined(separator: ", ") + "]"
  }

  /// The polygons of a mask; none if they cannot represent it.
  private static func outlines(_ mask: Mask) -> [String] {
    let contours = mask.contours()
    guard contours.holes.isEmpty else { return [] }
    return contours.outlines.map { outline in "[" + outline.map { "\($0.x), \($0.y)" }.joined(separator: ", ") + "]" }
  }

  /// The polygon of a circle; none if its disc has no pixels.
  private static func disc(_ mask: Mask, _ circle: Circle?) -> [String] {
    guard !mask.isEmpty, let polygon = circle?.polygon(width: mask.width, height: mask.height), !polygon.isEmpty
    else { return [] }
    return [JSONText.array(polygon.flatMap { [$0.x, $0.y] }, places: 2)]
  }

  /// Sentences for the user about the masks so far.
  var notes: [String] {
    guard keptCount > 0 else { return [] }
    let masks = keptCount == 1 ? "1 mask" : "\(keptCount) masks"
    return ["\(masks) with holes or without pixels written as run lengths: polygons cannot represent them"]
  }
}
