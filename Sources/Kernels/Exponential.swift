extension InstructionSet {
  /// `e^x` by integer arithmetic on the exponent, for levels without instructions for it.
  @inlinable @inline(__always)
  public static func exponential(_ x: Vector) -> Vector {
    let limit = Vector(repeating: 126)
    let y = maximum(-limit, minimum(limit, x * 1.442_695_040_9))
    let biased = y + Vector(repeating: 12_582_912)  // 1.5 * 2^23: the sum's low mantissa bits are the rounded integer
    return scale(powerOfTwo(y - (biased - Vector(repeating: 12_582_912))), biased)
  }

  /// `1 / x`.
  @inlinable @inline(__always)
  public static func reciprocal(_ x: Vector) -> Vector { 1 / x }

  /// `2^f` for `f` in -0.5...0.5: the polynomial of degree 5 through 1 with the least relative error, 8.7e-8.
  @inlinable @inline(__always)
  public static func powerOfTwo(_ f: Vector) -> Vector {
    var p = Vector(repeating: 1.325_460_243_365_2e-3)
    p = multiplyAdd(p, f, Vector(repeating: 9.671_999_180_713_6e-3))
    p = multiplyAdd(p, f, Vector(repeating: 5.550_779_324_550_2e-2))
    p = multiplyAdd(p, f, Vector(repeating: 2.402_223_190_706_0e-1))
    p = multiplyAdd(p, f, Vector(repeating: 6.931_469_302_343_8e-1))
    return multiplyAdd(p, f, Vector(repeating: 1))
  }

  /// `1 / (1 + e^-x)`.
  @inlinable @inline(__always)
  public static func sigmoid(_ x: Vector) -> Vector { reciprocal(exponential(-x) + 1) }

  /// `x * sigmoid(x)`, also called swish.
  @inlinable @inline(__always)
  public static func silu(_ x: Vector) -> Vector { x * sigmoid(x) }
}
