import CIntrinsics
import Kernels

enum Baseline: InstructionSet {
  typealias Vector = SIMD4<Float>
  typealias Integers = SIMD4<Int32>

  @inline(__always) static func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector {
    #if arch(arm64)
      limn_fma4(a, b, c)
    #else
      a * b + c
    #endif
  }

  @inline(__always) static func maximum(_ a: Vector, _ b: Vector) -> Vector { limn_max4(a, b) }
  @inline(__always) static func maximumOrNaN(_ a: Vector, _ b: Vector) -> Vector { limn_maxnan4(a, b) }
  @inline(__always) static func minimum(_ a: Vector, _ b: Vector) -> Vector { limn_min4(a, b) }
  @inline(__always) static func indicator(_ value: Vector, above threshold: Vector) -> Vector {
    limn_above4(value, threshold)
  }
  @inline(__always) static func squareRoot(_ x: Vector) -> Vector { limn_sqrt4(x) }

  @inline(__always) static func scale(_ value: Vector, _ biased: Vector) -> Vector {
    unsafeBitCast(
      unsafeBitCast(value, to: Integers.self) &+ (unsafeBitCast(biased, to: Integers.self) &<< 23), to: Vector.self)
  }
}

/// The kernels for what every CPU of the architecture has.
public func baselineKernels() -> KernelTable {
  KernelTable(
    .baseline, Baseline.self,
    tiles: [Tile<Baseline, 8, 1>.kernel, Tile<Baseline, 6, 2>.kernel, nil, nil])
}
