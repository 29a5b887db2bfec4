import Kernels
import Scenes

/// Non-maximum suppression: keeps the boxes of highest score among overlapping ones. Matches torchvision's `nms`.
///
/// Boxes are visited by falling score, ties in the order of the input. A box is dropped if its intersection over union
/// with a kept box exceeds `threshold`. The overlap is computed in single precision as `i / (a + b - i)`.
public struct NonMaximumSuppression: Sendable {
  /// The largest intersection over union of two kept boxes, 0 to 1.
  public let threshold: Float
  /// The largest number of boxes to keep.
  public let limit: Int
  private let engine: Engine

  /// Makes a non-maximum suppression.
  ///
  /// - Throws: `TensorError.invalidParameter` for a threshold outside of 0...1 or a negative limit.
  public init(threshold: Float, limit: Int = .max, engine: Engine) throws(TensorError) {
    guard (0...1).contains(threshold) else {
      throw .invalidParameter("the overlap threshold must be 0 to 1, got \(threshold)")
    }
    guard limit >= 0 else { throw .invalidParameter("the limit of kept boxes must be at least 0, got \(limit)") }
    self.threshold = threshold
    self.limit = limit
    self.engine = engine
  }

  /// Finds the boxes to keep.
  ///
  /// - Parameters:
  ///   - boxes: The boxes, with `x1 <= x2` and `y1 <= y2`.
  ///   - scores: The score of each box.
  /// - Returns: The indices of the kept boxes, by falling score.
  /// - Throws: `TensorError.invalidShape` if there are not as many scores as boxes.
  public func callAsFunction(_ boxes: [Box], scores: [Float]) throws(TensorError) -> [Int] {
    guard boxes.count == scores.count else {
      throw .invalidShape("non-maximum suppression got \(boxes.count) boxes and \(scores.count) scores")
    }
    return engine.withWorkspace {
      Self.kept(boxes, scores: scores, threshold: threshold, limit: limit, $0)
    }
  }

  /// Non-maximum suppression of boxes, scores and a threshold that were checked, in the memory of a running call.
  package static func kept(
    _ boxes: [Box], scores: [Float], threshold: Float, limit: Int = .max, _ workspace: Workspace
  ) -> [Int] {
    assert(boxes.count == scores.count && (0...1).contains(threshold) && limit >= 0)
    return workspace.arena.scope {
      let kept = kept(
        count: boxes.count, threshold: threshold, limit: limit, workspace, box: { boxes[$0] }, score: { scores[$0] })
      return Array(kept)
    }
  }

  /// Non-maximum suppression of `count` boxes in the arena's current scope, without arrays.
  ///
  /// - Parameters:
  ///   - box: Returns the box of an index.
  ///   - score: Returns the score of an index.
  /// - Returns: The indices of the kept boxes, by falling score, valid until the scope ends.
  package static func kept(
    count: Int, threshold: Float, limit: Int, _ workspace: Workspace, box: (Int) -> Box, score: (Int) -> Float
  ) -> UnsafeMutableBufferPointer<Int> {
    let order = fallingOrder(count, workspace, score: score)
    return suppressed(order, threshold, limit, workspace, box: box)
  }
}

/// The indices below `count` by falling score, in the arena's current scope. Ties keep their order, and NaN comes last.
///
/// This is a bottom-up merge sort, because the standard library's sort allocates its scratch memory.
package func fallingOrder(
  _ count: Int, _ workspace: Workspace, score: (Int) -> Float
) -> UnsafeMutableBufferPointer<Int> {
  func isBefore(_ first: Int, _ second: Int) -> Bool {
    let (a, b) = (score(first), score(second))
    return a > b || (b.isNaN && !a.isNaN)
  }
  var order = workspace.arena.values(count: count) { $0 }
  var merged = workspace.arena.values(count: count) { $0 }
  var length = 1
  while length < count {
    for start in stride(from: 0, to: count, by: 2 * length) {
      let (middle, end) = (min(start + length, count), min(start + 2 * length, count))
      var (left, right) = (start, middle)
      for place in start..<end {
        if left < middle, right == end || !isBefore(order[right], order[left]) {
          merged[place] = order[left]
          left += 1
        } else {
          merged[place] = order[right]
          right += 1
        }
      }
    }
    swap(&order, &merged)
    length *= 2
  }
  return order
}

/// Keeps, in place, the first of the overlapping boxes in the given order.
private func suppressed(
  _ order: UnsafeMutableBufferPointer<Int>, _ threshold: Float, _ limit: Int, _ workspace: Workspace, box: (Int) -> Box
) -> UnsafeMutableBufferPointer<Int> {
  let count = order.count
  let timer = workspace.timer
  var kept = 0
  workspace.arena.scope {
    let padded = count + workspace.kernels.lanes - 1  // a whole vector may start at the last box
    func column() -> UnsafeMutablePointer<Float> {
      let column = workspace.arena.tensor(Shape(height: 1, width: 1, channels: padded)).base
      column.initialize(repeating: 0, count: padded)
      return column
    }
    let (x1, y1, x2, y2, area, flags) = (column(), column(), column(), column(), column(), column())
    for (rank, index) in order.enumerated() {
      let box = box(index)
      x1[rank] = box.x1
      y1[rank] = box.y1
      x2[rank] = box.x2
      y2[rank] = box.y2
      area[rank] = (box.x2 - box.x1) * (box.y2 - box.y1)
    }
    let columns = BoxColumns(x1: x1, y1: y1, x2: x2, y2: y2, area: area)
    for rank in 0..<count where flags[rank] == 0 {
      guard kept < limit else { break }
      order[kept] = order[rank]
      kept += 1
      workspace.kernels.maps.suppress(
        SuppressionOperands(
          boxes: columns, kept: rank, candidates: rank + 1..<count, threshold: threshold, suppressed: flags))
    }
  }
  timer?.stop(
    "suppression", from: Shape(height: 1, width: count, channels: 4), to: Shape(height: 1, width: kept, channels: 4))
  return UnsafeMutableBufferPointer(rebasing: order[..<kept])
}
