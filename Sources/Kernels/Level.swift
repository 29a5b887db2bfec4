/// An instruction-set level, lowest first.
public enum Level: Int, Sendable, CaseIterable, Comparable {
  /// What every CPU of the architecture has: SSE2, NEON.
  case baseline
  /// AVX2 with fused multiply-add (x86-64-v3).
  case avx2
  /// AVX-512 F, BW, CD, DQ, VL (x86-64-v4).
  case avx512
  /// AVX-512 with the dot products of bfloat16 and of bytes (BF16, VNNI).
  case avx512dot

  /// Lower levels come first.
  @inlinable public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
}
