extension [Detection] {
  /// The detections that are left when each drops those of lesser score that overlap it: non-maximum suppression.
  ///
  /// Equal to supervision's `Detections.with_nms`: detections are taken by falling score; each that is still there drops
  /// all later ones, of its class or of any, whose overlap exceeds the rule's. Masks are compared where two detections
  /// both have one, else boxes.
  ///
  /// - Returns: by falling score, those of equal score in the order given.
  /// - Throws: `SceneError` for an overlap outside 0 to 1, and for masks of images that differ in size.
  public func suppressed(by rule: OverlapRule = OverlapRule()) throws(SceneError) -> [Detection] {
    try rule.validate()
    var kept: [Detection] = []
    candidates: for detection in fallingByScore {
      for better in kept where rule.acrossClasses || better.classID == detection.classID {
        if try rule.overlap(of: better, detection) > rule.overlap { continue candidates }
      }
      kept.append(detection)
    }
    return kept
  }

  /// By falling score, those of equal score in the order given.
  var fallingByScore: [Detection] {
    indices.sorted { self[$0].score == self[$1].score ? $0 < $1 : self[$0].score > self[$1].score }.map { self[$0] }
  }
}
