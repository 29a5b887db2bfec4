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

  /// Random operands of a convolution, by the implicit product.
  package static let convolution = Tolerance(relative: 1e-6)
}
