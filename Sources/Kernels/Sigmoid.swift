extension InstructionSet {
  /// Writes the sigmoid of `count` values; `target` may be `values`. Whole vectors are read and written, up to the next
  /// multiple of `lanes`.
  @inlinable @inline(__always)
  public static func sigmoid(_ values: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    var index = 0
    while index < count {
      store(sigmoid(load(values + index)), target + index)
      index &+= lanes
    }
  }
}
