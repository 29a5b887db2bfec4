import JSON

extension JSONText {
  /// A mask as COCO's compressed run lengths, `{"size": [height, width], "counts": "..."}`.
  static func mask(_ mask: Mask) -> String {
    "{\"size\": [\(mask.height), \(mask.width)], \"counts\": \(quoted(mask.rle))}"
  }

  /// A circle in pixels, to 2 decimals, `{"center": [x, y], "radius": radius}`.
  static func circle(_ circle: Circle) -> String {
    "{\"center\": \(array([Double(circle.x), Double(circle.y)], places: 2)), "
      + "\"radius\": \(DecimalText.shortest(Double(circle.radius), places: 2))}"
  }
}
