/// A level that has no instruction to scale a float by a power of two, and uses integer arithmetic instead.
public protocol IntegerExponentSet: InstructionSet {
  /// `value * 2^n` by integer addition to the exponent, where `biased` is `n + 1.5 * 2^23`.
  static func scale(_ value: Vector, _ biased: Vector) -> Vector
}

extension IntegerExponentSet {
  /// `e^x` within 6 ULP.
  @inlinable @inline(__always)
  public static func exponential(_ x: Vector) -> Vector {
    let x = clampedToExponents(x)
    let shift = Vector(repeating: 12_582_912)  // 1.5 * 2^23: the sum's low mantissa bits are the rounded integer
    let biased = multiplyAdd(x, Vector(repeating: 1.442_695_040_9), shift)
    let n = biased - shift
    // n ln 2 in two parts, the first of 9 bits, so that its product is exact (Cody and Waite, Software Manual for the
    // Elementary Functions, 1980).
    var r = multiplyAdd(n, Vector(repeating: -0.693_359_375), x)
    r = multiplyAdd(n, Vector(repeating: 2.121_944_400_5e-4), r)
    return scale(exponentialNearZero(r), biased)
  }
}

extension InstructionSet {
  /// `x` within ±126 ln 2, so that `e^x` and its reciprocal are neither denormal nor infinite.
  @inlinable @inline(__always)
  public static func clampedToExponents(_ x: Vector) -> Vector {
    let limit = Vector(repeating: 87.336_54)
    return maximum(-limit, minimum(limit, x))
  }

  /// `e^r` for `r` within ±(ln 2) / 2: the polynomial of degree 5 through 1 with the least relative error, 8.7e-8.
  @inlinable @inline(__always)
  public static func exponentialNearZero(_ r: Vector) -> Vector {
    var p = Vector(repeating: 8.283_986_844_878e-3)
    p = multiplyAdd(p, r, Vector(repeating: 4.190_003_703_978e-2))
    p = multiplyAdd(p, r, Vector(repeating: 1.666_777_306_545e-1))
    p = multiplyAdd(p, r, Vector(repeating: 4.999_912_834_588e-1))
    p = multiplyAdd(p, r, Vector(repeating: 9.999_996_388_566e-1))
    return multiplyAdd(p, r, Vector(repeating: 1))
  }

  /// `1 / x`.
  @inlinable @inline(__always)
  public static func reciprocal(_ x: Vector) -> Vector { 1 / x }

  /// `1 / (1 + e^-x)`.
  @inlinable @inline(__always)
  public static func sigmoid(_ x: Vector) -> Vector { reciprocal(exponential(-x) + 1) }

  /// `x * sigmoid(x)`.
  @inlinable @inline(__always)
  public static func silu(_ x: Vector) -> Vector { x * sigmoid(x) }
}
