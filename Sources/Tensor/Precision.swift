/// The number format of a network's weights and feature maps.
public enum Precision: String, Sendable, Hashable, CaseIterable {
  /// Single precision throughout, as in PyTorch.
  case float32
  /// Weights and feature maps in bfloat16, sums in single precision. Needs the level `avx512dot`.
  case bfloat16
  /// Weights and feature maps quantised to 8 bits, sums in 32-bit integers. Needs a calibrated weight file.
  case int8
}
