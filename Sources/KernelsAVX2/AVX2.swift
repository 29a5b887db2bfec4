import CIntrinsics
import Kernels

enum AVX2: InstructionSet {
  typealias Vector = SIMD8<Float>
  typealias Integers = SIMD8<Int32>

  @inline(__always) static func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { limn_fma8(a, b, c) }

  @inline(__always) static func maximum(_ a: Vector, _ b: Vector) -> Vector { limn_max8(a, b) }
  @inline(__always) static func maximumOrNaN(_ a: Vector, _ b: Vector) -> Vector { limn_maxnan8(a, b) }
  @inline(__always) static func minimum(_ a: Vector, _ b: Vector) -> Vector { limn_min8(a, b) }
  @inline(__always) static func indicator(_ value: Vector, above threshold: Vector) -> Vector {
    limn_above8(value, threshold)
  }
  @inline(__always) static func squareRoot(_ x: Vector) -> Vector { limn_sqrt8(x) }

  @inline(__always) static func scale(_ value: Vector, _ biased: Vector) -> Vector {
    unsafeBitCast(
      unsafeBitCast(value, to: Integers.self) &+ (unsafeBitCast(biased, to: Integers.self) &<< 23), to: Vector.self)
  }
}

/// The kernels for x86-64-v3.
public func avx2Kernels() -> KernelTable {
  KernelTable(
    .avx2, AVX2.self,
    tiles: [Tile<AVX2, 8, 1>.kernel, Tile<AVX2, 6, 2>.kernel, nil, nil])
}
