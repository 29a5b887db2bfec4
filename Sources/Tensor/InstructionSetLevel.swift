import Kernels

/// An instruction-set level: from the lowest to the highest `baseline` (SSE2, NEON), `avx2` (x86-64-v3), `avx512`
/// (x86-64-v4) and `avx512dot` (x86-64-v4 with bfloat16 and int8 dot products).
public typealias InstructionSetLevel = Level

extension InstructionSetLevel {
  /// The level's name, as the environment variable `LIMN_LEVEL` takes it.
  public var name: String {
    switch self {
    case .baseline: "baseline"
    case .avx2: "avx2"
    case .avx512: "avx512"
    case .avx512dot: "avx512dot"
    }
  }

  /// Finds the level with the given name; nil if there is none.
  public init?(name: String) {
    guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = level
  }
}
