extension [Detection] {
  /// Returns the detections that are left after non-maximum suppression.
  ///
  /// The results are those of supervision's `Detections.with_nms`. Detections are visited by falling score. Each one
  /// that is kept drops all later ones whose overlap is above that of the rule. Only detections of its own class are
  /// considered, unless the rule is for all classes. Two detections are compared by their masks if both have one, else
  /// by their boxes.
  ///
  /// - Returns: Detections by falling score, ties in the given order.
  /// - Throws: `SceneError` for an overlap outside 0 to 1, or for masks of different sizes.
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

  /// The detections by falling score, ties in the given order.
  package var fallingByScore: [Detection] {
    indices.sorted { self[$0].score == self[$1].score ? $0 < $1 : self[$0].score > self[$1].score }.map { self[$0] }
  }
}
