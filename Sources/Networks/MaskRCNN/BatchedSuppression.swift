import Tensor

/// Non-maximum suppression within groups, by falling score over all (torchvision's `batched_nms`).
///
/// Up to 1000 boxes torchvision moves the groups apart and suppresses once, which rounds the coordinates; above it goes
/// group by group. Both are reproduced, since a rounded overlap may lie on the other side of the threshold.
func suppressed(
  _ boxes: [Box], scores: [Float], groups: [Int], threshold: Float, limit: Int, _ workspace: Workspace
) -> [Int] {
  if boxes.count <= 1000 {
    let largest = boxes.reduce(into: Float(0)) { $0 = max($0, $1.x1, $1.y1, $1.x2, $1.y2) }
    let moved = zip(boxes, groups).map { box, group in
      let offset = Float(group) * (largest + 1)
      return Box(x1: box.x1 + offset, y1: box.y1 + offset, x2: box.x2 + offset, y2: box.y2 + offset)
    }
    return nonMaximumSuppression(moved, scores: scores, threshold: threshold, limit: limit, workspace)
  }
  var members: [Int: [Int]] = [:]
  for (index, group) in groups.enumerated() { members[group, default: []].append(index) }
  var kept: [Int] = []
  for indices in members.values {
    let survivors = nonMaximumSuppression(
      indices.map { boxes[$0] }, scores: indices.map { scores[$0] }, threshold: threshold, workspace)
    kept += survivors.map { indices[$0] }
  }
  kept.sort()
  return unstableFallingOrder(kept.map { scores[$0] }).prefix(limit).map { kept[$0] }
}
