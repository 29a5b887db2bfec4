extension InstructionSet {
  /// Does `rounds * 12 * lanes` multiply-adds on registers only, to measure the peak that tiles could reach.
  ///
  /// - Parameter values: Three vectors of operands, then one for the result, so that the compiler can remove nothing.
  @inlinable @inline(__always)
  public static func multiplyAdds(_ rounds: Int, _ values: UnsafeMutablePointer<Float>) {
    let (factor, term) = (load(values), load(values + lanes))
    var sums = InlineArray<12, Vector>(repeating: load(values + 2 &* lanes))
    for i in 0..<12 { sums[unchecked: i] += Vector(repeating: Float(i)) }
    for _ in 0..<rounds {
      for i in 0..<12 { sums[unchecked: i] = multiplyAdd(sums[unchecked: i], factor, term) }
    }
    var total = Vector.zero
    for i in 0..<12 { total += sums[unchecked: i] }
    store(total, values + 3 &* lanes)
  }
}
