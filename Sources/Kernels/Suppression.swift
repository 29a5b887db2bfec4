/// Boxes as arrays of their edges and areas. Each array is padded to a multiple of 16 and by 16 more, since a run of
/// whole vectors may start anywhere.
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

extension InstructionSet {
  /// Sets `suppressed` to 1 for the boxes of `start..<end` that overlap box `kept` by more than `threshold`.
  ///
  /// The overlap is intersection over union, computed in the order of torchvision's `nms`: `i / (area + areas[j] - i)`.
  /// Whole vectors are processed, so a few entries beyond `end` may be set too.
  @inlinable @inline(__always)
  public static func suppress(
    _ boxes: BoxColumns, _ kept: Int, _ start: Int, _ end: Int, _ threshold: Float,
    _ suppressed: UnsafeMutablePointer<Float>
  ) {
    let x1 = Vector(repeating: boxes.x1[kept])
    let y1 = Vector(repeating: boxes.y1[kept])
    let x2 = Vector(repeating: boxes.x2[kept])
    let y2 = Vector(repeating: boxes.y2[kept])
    let area = Vector(repeating: boxes.area[kept])
    var index = start
    while index < end {
      let width = maximum(.zero, minimum(x2, load(boxes.x2 + index)) - maximum(x1, load(boxes.x1 + index)))
      let height = maximum(.zero, minimum(y2, load(boxes.y2 + index)) - maximum(y1, load(boxes.y1 + index)))
      let intersection = width * height
      let overlap = intersection / (area + load(boxes.area + index) - intersection)
      let isOver = indicator(overlap, above: Vector(repeating: threshold))
      store(maximum(load(suppressed + index), isOver), suppressed + index)
      index &+= lanes
    }
  }
}
