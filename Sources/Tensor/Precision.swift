/// The arithmetic of a network's convolutions.
public enum Precision: String, Sendable, Hashable, CaseIterable {
  /// Single precision throughout: PyTorch's results.
  case float32
  /// Weights and maps rounded to bfloat16, sums in single precision; on the level `avx512dot` only.
  case bfloat16
  /// Weights and maps rounded to 8 bits, sums exact; for weight files that were calibrated.
  case int8
}
