import Kernels

/// An instruction-set level, lowest first: `baseline` (SSE2, NEON), `avx2` (x86-64-v3), `avx512`
/// (x86-64-v4), `avx512dot` (that with dot products of bfloat16 and of bytes).
public typealias InstructionSetLevel = Level

extension InstructionSetLevel {
  /// The name that `LIMN_LEVEL` takes.
  public var name: String {
    switch self {
    case .baseline: "baseline"
    case .avx2: "avx2"
    case .avx512: "avx512"
    case .avx512dot: "avx512dot"
    }
  }

  /// The level of that name, or nil.
  public init?(name: String) {
    guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = level
  }
}
