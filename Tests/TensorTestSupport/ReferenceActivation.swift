import Glibc
import Tensor

extension Activation {
  /// The activation of a number in Double.
  package func reference(_ x: Double) -> Double {
    switch self {
    case .none: x
    case .relu: max(x, 0)
    case .silu: x / (1 + exp(-x))
    case .relu6: min(max(x, 0), 6)
    case .hardswish: x * min(max(x + 3, 0), 6) / 6
    case .hardsigmoid: min(max(x + 3, 0), 6) / 6
    }
  }
}
