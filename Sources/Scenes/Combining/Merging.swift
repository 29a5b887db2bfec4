extension [Detection] {
  /// Returns the detections after greedy non-maximum merging.
  ///
  /// The results are those of supervision's `Detections.with_nmm`. Detections are visited by falling score. Each one
  /// that is left forms a group with all later ones whose overlap is at least that of the rule. Only detections of its
  /// own class are considered, unless the rule is for all classes. If all detections have masks, masks are compared
  /// instead of boxes, and the search is repeated with the union of the group's masks until no other detection overlaps
  /// it.
  ///
  /// Each group becomes one detection. Its box is the smallest one around all boxes, its score the mean weighted by the
  /// areas of the boxes, and its mask the union of the masks if all have one, else that of the detection with the
  /// highest score, which also gives the class. A group of several has no circle, as their union is none: suppress
  /// circles instead.
  ///
  /// - Returns: Detections by falling score, ties by falling score of the best in the group, then in the given order.
  /// - Throws: `SceneError` for an overlap outside 0 to 1, or for masks of different sizes.
  public func merged(by rule: OverlapRule = OverlapRule()) throws(SceneError) -> [Detection] {
    try rule.validate()
    let haveMasks = allSatisfy { $0.mask != nil }
    var left = fallingByScore
    var merged: [Detection] = []
    while let best = left.first {
      left.removeFirst()
      var group = [best]
      var mask = haveMasks ? best.mask : nil
      repeat {
        let before = group.count
        var apart: [Detection] = []
        var union = mask
        for detection in left {
          guard rule.acrossClasses || detection.classID == best.classID else {
            apart.append(detection)
            continue
          }
          let overlap: Float
          if let mask, let other = detection.mask {
            overlap = try rule.overlap(of: mask, other)
          } else {
            overlap = rule.overlap(of: best.box, detection.box)
          }
          guard overlap >= rule.overlap else {
            apart.append(detection)
            continue
          }
          group.append(detection)
          if let other = detection.mask { union = try union?.union(other) }
        }
        left = apart
        mask = union
        if group.count == before { break }
      } while mask != nil
      merged.append(group.count == 1 ? best : try Detection(merging: group, mask: mask))
    }
    return merged.fallingByScore
  }
}

extension Detection {
  /// Merges detections, of which the first has the highest score; `mask` is the union of their masks where it is known.
  fileprivate init(merging group: [Detection], mask: Mask?) throws(SceneError) {
    self = group[0]
    circle = nil
    let areas = group.map { (Double($0.box.x2) - Double($0.box.x1)) * (Double($0.box.y2) - Double($0.box.y1)) }
    let whole = areas.reduce(0, +)
    if whole > 0 { score = Float(zip(areas, group).reduce(0) { $0 + $1.0 * Double($1.1.score) } / whole) }
    for other in group.dropFirst() {
      box = Box(
        x1: min(box.x1, other.box.x1), y1: min(box.y1, other.box.y1), x2: max(box.x2, other.box.x2),
        y2: max(box.y2, other.box.y2))
    }
    if let mask {
      self.mask = mask
      return
    }
    guard group.allSatisfy({ $0.mask != nil }) else { return }
    for other in group.dropFirst() {
      if let more = other.mask { self.mask = try self.mask?.union(more) }
    }
  }
}
