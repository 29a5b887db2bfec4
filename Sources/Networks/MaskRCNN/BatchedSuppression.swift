import Tensor

/// Non-maximum suppression within groups of boxes. Matches torchvision's `batched_nms`.
///
/// Up to 1000 boxes, torchvision shifts the groups apart and suppresses once, which rounds the coordinates; for more
/// boxes it suppresses each group. Both methods are implemented, since a rounded overlap may be on the other side of
/// the threshold.
///
/// - Returns: The indices of the kept boxes, at most `limit`, by falling score.
func suppressed(
  _ boxes: [Box], scores: [Float], groups: [Int], threshold: Float, limit: Int, _ workspace: Workspace
) -> [Int] {
  if boxes.count <= 1000 {
    let largest = boxes.reduce(into: Float(0)) { $0 = max($0, $1.x1, $1.y1, $1.x2, $1.y2) }
    let moved = zip(boxes, groups).map { box, group in
      let offset = Float(group) * (largest + 1)
      return Box(x1: box.x1 + offset, y1: box.y1 + offset, x2: box.x2 + offset, y2: box.y2 + offset)
    }
    return NonMaximumSuppression.kept(moved, scores: scores, threshold: threshold, limit: limit, workspace)
  }
  var members: [Int: [Int]] = [:]
  for (index, group) in groups.enumerated() { members[group, default: []].append(index) }
  var kept: [Int] = []
  for indices in members.values {
    let survivors = NonMaximumSuppression.kept(
      indices.map { boxes[$0] }, scores: indices.map { scores[$0] }, threshold: threshold, workspace)
    kept += survivors.map { indices[$0] }
  }
  kept.sort()
  return unstableFallingOrder(kept.map { scores[$0] }).prefix(limit).map { kept[$0] }
}
