/// Boxes as arrays of their edges and areas. Each array is readable for `lanes - 1` floats more, since a whole vector
/// may start at the last box.
public struct BoxColumns {
  /// Left edges.
  public var x1: UnsafePointer<Float>
  /// Top edges.
  public var y1: UnsafePointer<Float>
  /// Right edges.
  public var x2: UnsafePointer<Float>
  /// Bottom edges.
  public var y2: UnsafePointer<Float>
  /// Areas.
  public var area: UnsafePointer<Float>

  /// Gathers the columns.
  @inlinable
  public init(
    x1: UnsafePointer<Float>, y1: UnsafePointer<Float>, x2: UnsafePointer<Float>, y2: UnsafePointer<Float>,
    area: UnsafePointer<Float>
  ) {
    self.x1 = x1
    self.y1 = y1
    self.x2 = x2
    self.y2 = y2
    self.area = area
  }
}

/// The operands of one step of non-maximum suppression.
public struct SuppressionOperands {
  /// All boxes.
  public var boxes: BoxColumns
  /// The box that is kept.
  public var kept: Int
  /// The boxes that it may suppress.
  public var candidates: Range<Int>
  /// The largest overlap that is not suppressed.
  public var threshold: Float
  /// For each box 1 if it is suppressed, else 0; padded as the boxes are.
  public var suppressed: UnsafeMutablePointer<Float>

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    boxes: BoxColumns, kept: Int, candidates: Range<Int>, threshold: Float, suppressed: UnsafeMutablePointer<Float>
  ) {
    self.boxes = boxes
    self.kept = kept
    self.candidates = candidates
    self.threshold = threshold
    self.suppressed = suppressed
  }
}

extension InstructionSet {
  /// Sets `suppressed` to 1 for the boxes of `start..<end` that overlap box `kept` by more than `threshold`.
  ///
  /// The overlap is intersection over union, computed in the order of torchvision's `nms`: `i / (area + areas[j] - i)`.
  /// Whole vectors are processed, so a few entries beyond `end` may be set too.
  @inlinable @inline(__always)
  public static func suppress(_ operands: SuppressionOperands) {
    assert(operands.kept >= 0 && operands.kept < operands.candidates.lowerBound)
    let x1 = Vector(repeating: operands.boxes.x1[operands.kept])
    let y1 = Vector(repeating: operands.boxes.y1[operands.kept])
    let x2 = Vector(repeating: operands.boxes.x2[operands.kept])
    let y2 = Vector(repeating: operands.boxes.y2[operands.kept])
    let area = Vector(repeating: operands.boxes.area[operands.kept])
    var index = operands.candidates.lowerBound
    while index < operands.candidates.upperBound {
      let width = maximum(
        .zero, minimum(x2, load(operands.boxes.x2 + index)) - maximum(x1, load(operands.boxes.x1 + index)))
      let height = maximum(
        .zero, minimum(y2, load(operands.boxes.y2 + index)) - maximum(y1, load(operands.boxes.y1 + index)))
      let intersection = width * height
      let overlap = intersection / (area + load(operands.boxes.area + index) - intersection)
      let isOver = indicator(overlap, above: Vector(repeating: operands.threshold))
      store(maximum(load(operands.suppressed + index), isOver), operands.suppressed + index)
      index &+= lanes
    }
  }
}
