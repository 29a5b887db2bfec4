/// The activations of a vector. NaN stays NaN.
extension InstructionSet {
  /// `min(max(x, 0), 6)`.
  @inlinable @inline(__always)
  static func relu6(_ x: Vector) -> Vector { minimum(Vector(repeating: 6), maximum(.zero, x)) }

  /// `x * min(max(x + 3, 0), 6) / 6`, within 2 ULP.
  @inlinable @inline(__always)
  static func hardswish(_ x: Vector) -> Vector { x * hardsigmoid(x) }

  /// `min(max(x + 3, 0), 6) / 6`, within 2 ULP.
  @inlinable @inline(__always)
  static func hardsigmoid(_ x: Vector) -> Vector { relu6(x + 3) * (1 / 6 as Float) }

  /// Applies an activation that is not known beforehand.
  @inlinable @inline(__always)
  static func activate(_ x: Vector, _ activation: Activation) -> Vector {
    switch activation {
    case .none: x
    case .relu: maximum(.zero, x)
    case .silu: silu(x)
    case .relu6: relu6(x)
    case .hardswish: hardswish(x)
    case .hardsigmoid: hardsigmoid(x)
    }
  }
}
