import Networks

/// How COCO documents hold masks.
public enum SegmentationEncoding: Sendable, Hashable {
  /// Compressed run lengths, which hold every mask as it is.
  case runLengths
  /// Polygons along the edges of pixels. A mask with holes, which polygons would fill, and one without pixels stay run
  /// lengths; the writer's notes count them.
  case polygons
}

/// Gives masks the text of `segmentation`, and counts those that polygons cannot hold.
struct SegmentationText: Sendable {
  let encoding: SegmentationEncoding
  private var keptCount = 0

  init(_ encoding: SegmentationEncoding) { self.encoding = encoding }

  /// `{"size": [height, width], "counts": "..."}`, or `[[x1, y1, x2, y2, ...], ...]`.
  mutating func json(_ mask: Mask) -> String {
    guard encoding == .polygons else { return JSONText.mask(mask) }
    let contours = mask.contours()
    guard contours.holes.isEmpty, !contours.outlines.isEmpty else {
      keptCount += 1
      return JSONText.mask(mask)
    }
    let polygons = contours.outlines.map { outline in
      "[" + outline.map { "\($0.x), \($0.y)" }.joined(separator: ", ") + "]"
    }
    return "[" + polygons.joined(separator: ", ") + "]"
  }

  /// What the user should know of the masks so far.
  var notes: [String] {
    guard keptCount > 0 else { return [] }
    let masks = keptCount == 1 ? "1 mask" : "\(keptCount) masks"
    return ["\(masks) with holes or without pixels stayed run lengths: polygons cannot hold them"]
  }
}
