import Kernels
import Scenes

/// Keeps the best of overlapping boxes, as torchvision's `nms` does.
///
/// Boxes are taken by falling score, ties in the order of the input; a box is dropped when its intersection over union
/// with a kept one exceeds `threshold`. The overlap is computed in 32-bit floats, `i / (a + b - i)`.
///
/// - Parameters:
///   - boxes: Edges with `x1 <= x2` and `y1 <= y2`.
///   - scores: One score a box.
///   - threshold: 0 to 1.
///   - limit: At most that many are kept.
///   - engine: What to run on.
/// - Returns: The indices of the kept boxes by falling score.
/// - Throws: `TensorError.invalidShape` when the counts differ, `TensorError.invalidParameter` for a threshold outside
///   of 0 to 1 or a negative limit.
public func nonMaximumSuppression(
  _ boxes: [Box], scores: [Float], threshold: Float, limit: Int = .max, engine: Engine
) throws(TensorError) -> [Int] {
  guard boxes.count == scores.count else {
    throw .invalidShape("non-maximum suppression got \(boxes.count) boxes and \(scores.count) scores")
  }
  guard (0...1).contains(threshold) else {
    throw .invalidParameter("the overlap threshold must be 0 to 1, got \(threshold)")
  }
  guard limit >= 0 else { throw .invalidParameter("the limit of kept boxes must be at least 0, got \(limit)") }
  return engine.withWorkspace { nonMaximumSuppression(boxes, scores: scores, threshold: threshold, limit: limit, $0) }
}

/// The same for boxes, scores and a threshold that were checked, in the memory of a call that has begun.
package func nonMaximumSuppression(
  _ boxes: [Box], scores: [Float], threshold: Float, limit: Int = .max, _ workspace: Workspace
) -> [Int] {
  assert(boxes.count == scores.count && (0...1).contains(threshold) && limit >= 0)
  return workspace.arena.scope { suppressed(boxes, fallingOrder(scores), threshold, limit, workspace) }
}

/// Indices by falling score; ties keep their order, NaN comes last.
package func fallingOrder(_ scores: [Float]) -> [Int] {
  let numbers = scores.indices.filter { !scores[$0].isNaN }
  return numbers.sorted { scores[$0] > scores[$1] || (scores[$0] == scores[$1] && $0 < $1) }
    + scores.indices.filter { scores[$0].isNaN }
}

private func suppressed(
  _ boxes: [Box], _ order: [Int], _ threshold: Float, _ limit: Int, _ workspace: Workspace
) -> [Int] {
  let count = order.count
  let timer = workspace.timer
  let padded = (count + 15) / 16 * 16 + 16  // whole vectors from any start
  func column() -> UnsafeMutablePointer<Float> {
    let column = workspace.arena.tensor(Shape(height: 1, width: 1, channels: padded)).base
    column.initialize(repeating: 0, count: padded)
    return column
  }
  let (x1, y1, x2, y2, area, flags) = (column(), column(), column(), column(), column(), column())
  for (rank, index) in order.enumerated() {
    let box = boxes[index]
    x1[rank] = box.x1
    y1[rank] = box.y1
    x2[rank] = box.x2
    y2[rank] = box.y2
    area[rank] = (box.x2 - box.x1) * (box.y2 - box.y1)
  }
  var columns = BoxColumns(x1: x1, y1: y1, x2: x2, y2: y2, area: area)
  var kept: [Int] = []
  for rank in 0..<count where flags[rank] == 0 {
    guard kept.count < limit else { break }
    kept.append(order[rank])
    workspace.kernels.suppress(&columns, rank, rank + 1, count, threshold, flags)
  }
  timer?.stop(
    "suppression", from: Shape(height: 1, width: count, channels: 4),
    to: Shape(height: 1, width: kept.count, channels: 4))
  return kept
}
