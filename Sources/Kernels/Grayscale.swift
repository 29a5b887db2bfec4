extension InstructionSet {
  /// Converts RGB bytes to luma, `0.299 r + 0.587 g + 0.114 b` with weights in units of 2^-15, rounded half up.
  ///
  /// Matches the fixed-point arithmetic of OpenCV's `cvtColor`.
  @inlinable @inline(__always)
  public static func grayscale(_ source: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<UInt8>, _ count: Int) {
    for index in 0..<count {
      let red = UInt32(source[3 &* index]) &* 9798
      let green = UInt32(source[3 &* index &+ 1]) &* 19235
      let blue = UInt32(source[3 &* index &+ 2]) &* 3735
      target[index] = UInt8(truncatingIfNeeded: (red &+ green &+ blue &+ 1 << 14) &>> 15)
    }
  }
}
