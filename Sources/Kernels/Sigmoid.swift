extension InstructionSet {
  /// Replaces `count` values by their sigmoid. `values` may be read and written up to the next multiple of the lanes.
  @inlinable @inline(__always)
  public static func sigmoid(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
    var index = 0
    while index < count {
      store(sigmoid(load(values + index)), values + index)
      index &+= lanes
    }
  }
}
