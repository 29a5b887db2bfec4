extension InstructionSet {
  /// The dot product of `a` and `b`, the sum of `a[k] * b[k]` over `count` elements, from two vectors of partial sums.
  @inlinable @inline(__always)
  public static func dotProduct(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
    var (even, odd) = (Vector.zero, Vector.zero)
    var index = 0
    while index &+ 2 &* lanes <= count {
      even = multiplyAdd(load(a + index), load(b + index), even)
      odd = multiplyAdd(load(a + (index &+ lanes)), load(b + (index &+ lanes)), odd)
      index &+= 2 &* lanes
    }
    let sums = even + odd
    var sum: Float = 0
    for lane in 0..<lanes { sum += sums[lane] }
    while index < count {
      sum += a[index] * b[index]
      index &+= 1
    }
    return sum
  }
}
