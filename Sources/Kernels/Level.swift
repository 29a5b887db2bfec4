/// An instruction-set level; the cases are ordered from the lowest to the highest.
public enum Level: Int, Sendable, CaseIterable, Comparable {
  /// What every CPU of the architecture has: SSE2 on x86-64, NEON on arm64.
  case baseline
  /// AVX2 with fused multiply-add (x86-64-v3).
  case avx2
  /// AVX-512 F, BW, CD, DQ, VL (x86-64-v4).
  case avx512
  /// AVX-512 with bfloat16 and int8 dot products (BF16, VNNI).
  case avx512dot

  /// Whether `a` is a lower level than `b`.
  @inlinable public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
}
