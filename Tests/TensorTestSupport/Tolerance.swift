/// How far a value may lie from its reference: by the larger of the two bounds. Docs/numerics.md gives the reasons.
package struct Tolerance: Sendable {
  /// Units in the last place of the reference, rounded to a Float.
  package let ulps: Double
  /// Part of the reference's magnitude: the sum of the absolute values of what was added up, where that is given, and
  /// the absolute value of the reference otherwise.
  package let relative: Double

  package init(ulps: Double = 0, relative: Double = 0) {
    self.ulps = ulps
    self.relative = relative
  }

  /// Not one bit, the sign of zero aside.
  package static let exact = Tolerance()

  /// A convolution of random operands by the implicit product, of the sum of the absolute products.
  package static let implicitConvolution = Tolerance(relative: 5e-7)

  /// The same by Winograd's F(4×4, 3×3), whose transforms multiply the rounding errors by about ten.
  package static let winogradConvolution = Tolerance(relative: 4e-6)

  /// The same by F(6×6, 3×3), whose points ±1/2 and ±2 lie further apart.
  package static let largeWinogradConvolution = Tolerance(relative: 1e-5)

  /// A matrix product of random operands, of the sum of the absolute products.
  package static let matrixProduct = Tolerance(relative: 5e-7)

  /// `sigmoid(x)` and `silu(x)` for `x` in -87...87: the polynomial, the reduction of the range by one fused
  /// multiply-add with ln 2 rounded, and the reciprocal.
  package static let sigmoid = Tolerance(ulps: 7)

  /// Activations of a sum that is exact: SiLU's polynomial, or the rounded sixth of the hard sigmoid; where a residual
  /// is added after it, of the larger of the two.
  package static let activation = Tolerance(ulps: 7, relative: 3e-7)

  /// The softmax: the C library's exponential of a rounded difference of up to 40, the sum and the quotient.
  package static let softmax = Tolerance(relative: 5e-6)
}
