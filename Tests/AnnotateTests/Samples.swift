import Annotate

/// Small values that the tests of the writers share.
enum Samples {
  static func detection(
    _ x1: Float, _ y1: Float, _ x2: Float, _ y2: Float, score: Float = 0.5, classID: Int = 0, label: String = "person",
    mask: Mask? = nil
  ) -> Detection {
    Detection(box: Box(x1: x1, y1: y1, x2: x2, y2: y2), score: score, classID: classID, label: label, mask: mask)
  }

  /// A mask drawn in text: `#` is inside.
  static func mask(_ rows: String...) throws -> Mask {
    let width = rows.first?.utf8.count ?? 0
    let pixels = rows.joined().utf8.map { UInt8($0 == UInt8(ascii: "#") ? 1 : 0) }
    return try Mask(bitmap: pixels, bitmapWidth: width, x: 0, y: 0, width: width, height: rows.count)
  }

  /// A picture of 5 by 4 with masks of one part, of two, with a hole and of nothing.
  static func masked(_ name: String = "a.jpg") throws -> AnnotatedImage {
    try image(
      name, width: 5, height: 4,
      [
        detection(0, 0, 2, 2, score: 0.9, mask: mask("##...", "##...", ".....", ".....")),
        detection(1, 1, 5, 4, score: 0.8, classID: 1, label: "cat", mask: mask(".....", ".#...", "..#..", "....#")),
        detection(1.5, 0, 5, 3.5, score: 0.7, mask: mask("..###", "..#.#", "..###", ".....")),
        detection(3, 3, 4, 4, score: 0.6, mask: mask(".....", ".....", ".....", ".....")),
      ])
  }

  static func image(
    _ name: String = "bus.jpg", width: Int = 810, height: Int = 1080, _ detections: [Detection] = []
  ) throws -> AnnotatedImage {
    try AnnotatedImage(name: name, width: width, height: height, detections: detections)
  }

  static func image(_ detections: [Detection]) throws -> AnnotatedImage {
    try image("bus.jpg", detections)
  }

  /// Names that break careless writers: quotes, markup, line breaks, control characters, other scripts.
  static let hostileTexts = [
    "a \"quoted\" \\ name", "<tag attribute='1'>&amp;</tag>", "two\nlines\r\nthree", "tab\tbell\u{07}escape\u{1B}",
    "\u{85}\u{2028}\u{2029}", "猫 и собака 🐈", "e\u{301}", "\u{FFFD}\u{FFFE}\u{FFFF}", "'", "{\"a\": 1}", " ", "-",
  ]
}
