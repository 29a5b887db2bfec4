extension [Detection] {
  /// The detections when each takes in those of lesser score that overlap it: greedy non-maximum merging.
  ///
  /// Equal to supervision's `Detections.with_nmm`: detections are taken by falling score; each that is still there makes a
  /// group with all later ones, of its class or of any, whose overlap reaches the rule's. Where all have masks, the masks
  /// are compared, and the group's mask grows with each round until no other overlaps it.
  ///
  /// A group becomes one detection: the smallest box around its boxes, the mean of its scores weighted by the boxes' areas,
  /// the union of its masks where all have one; class, circle, and what only some of them have, from its best.
  ///
  /// - Returns: by falling score, those of equal score by that of the group's best.
  /// - Throws: `SceneError` for an overlap outside 0 to 1, and for masks of images that differ in size.
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
      merged.append(group.count == 1 ? best : try Detection(merging: group))
    }
    return merged.fallingByScore
  }
}

extension Detection {
  /// One detection of several, the best first.
  fileprivate init(merging group: [Detection]) throws(SceneError) {
    self = group[0]
    let areas = group.map { (Double($0.box.x2) - Double($0.box.x1)) * (Double($0.box.y2) - Double($0.box.y1)) }
    let whole = areas.reduce(0, +)
    if whole > 0 { score = Float(zip(areas, group).reduce(0) { $0 + $1.0 * Double($1.1.score) } / whole) }
    for other in group.dropFirst() {
      box = Box(
        x1: min(box.x1, other.box.x1), y1: min(box.y1, other.box.y1), x2: max(box.x2, other.box.x2),
        y2: max(box.y2, other.box.y2))
    }
    guard group.allSatisfy({ $0.mask != nil }) else { return }
    for other in group.dropFirst() {
      if let more = other.mask { mask = try mask?.union(more) }
    }
  }
}
