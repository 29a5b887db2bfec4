import Scenes

extension Mask {
  /// A mask drawn in text: `#` is inside.
  package init(_ rows: String...) throws {
    let width = rows.first?.utf8.count ?? 0
    let pixels = rows.joined().utf8.map { UInt8($0 == UInt8(ascii: "#") ? 1 : 0) }
    try self.init(bitmap: pixels, bitmapWidth: width, x: 0, y: 0, width: width, height: rows.count)
  }

  /// The picture in text.
  package var rows: [String] {
    (0..<height).map { y in String((0..<width).map { contains(x: $0, y: y) ? "#" : "." }) }
  }
}

extension Detection {
  /// A coin with the box of its circle.
  package static func coin(
    _ x: Float, _ y: Float, _ radius: Float, score: Float = 0.5, mask: Mask? = nil
  ) -> Detection {
    let circle = Circle(x: x, y: y, radius: radius)
    return Detection(
      box: circle.boundingBox, score: score, classID: 0, label: "coin", mask: mask, circle: circle)
  }
}
