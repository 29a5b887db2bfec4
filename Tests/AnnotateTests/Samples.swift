import Annotate

/// Small values that the tests of the writers share.
enum Samples {
  static func detection(
    _ x1: Float, _ y1: Float, _ x2: Float, _ y2: Float, score: Float = 0.5, classID: Int = 0, label: String = "person"
  ) -> Detection {
    Detection(box: Box(x1: x1, y1: y1, x2: x2, y2: y2), score: score, classID: classID, label: label)
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
