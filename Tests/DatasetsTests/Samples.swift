import TestSupport

@testable import Datasets

/// Small values that the tests of the writers share.
enum Samples {
  static func detection(
    _ x1: Float, _ y1: Float, _ x2: Float, _ y2: Float, score: Float = 0.5, classID: Int = 0, label: String = "person",
    mask: Mask? = nil, circle: Circle? = nil
  ) -> Detection {
    Detection(
      box: Box(x1: x1, y1: y1, x2: x2, y2: y2), score: score, classID: classID, label: label, mask: mask, circle: circle
    )
  }

  /// A picture of 10 by 8 with a whole coin, one cut by its corner, one between the centres of pixels and one outside.
  static func coins(_ name: String = "a.jpg") throws -> AnnotatedImage {
    try image(
      name, width: 10, height: 8,
      [.coin(4, 4, 2.5, score: 0.9), .coin(9, 8, 2, score: 0.8), .coin(2, 2, 0.3, score: 0.7), .coin(-9, 4, 3)])
  }

  /// A picture of 5 by 4 with masks of one part, of two, with a hole and of nothing.
  static func masked(_ name: String = "a.jpg") throws -> AnnotatedImage {
    try image(
      name, width: 5, height: 4,
      [
        detection(0, 0, 2, 2, score: 0.9, mask: Mask("##...", "##...", ".....", ".....")),
        detection(1, 1, 5, 4, score: 0.8, classID: 1, label: "cat", mask: Mask(".....", ".#...", "..#..", "....#")),
        detection(1.5, 0, 5, 3.5, score: 0.7, mask: Mask("..###", "..#.#", "..###", ".....")),
        detection(3, 3, 4, 4, score: 0.6, mask: Mask(".....", ".....", ".....", ".....")),
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

extension AnnotatedImage {
  /// The picture with its detections under the names of their classes; a class without a name keeps its label.
  func labelled(_ labels: [String]) throws -> AnnotatedImage {
    let named = detections.map { detection in
      var named = detection
      if labels.indices.contains(detection.classID) { named.label = labels[detection.classID] }
      return named
    }
    return try AnnotatedImage(name: name, width: width, height: height, detections: named, id: id)
  }
}
