extension InstructionSet {
  /// The sigmoid of `count` values, which may be replaced in place. Whole vectors are read and written, so up to the next
  /// multiple of the lanes.
  @inlinable @inline(__always)
  public static func sigmoid(_ values: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    var index = 0
    while index < count {
      store(sigmoid(load(values + index)), target + index)
      index &+= lanes
    }
  }
}
