import CIntrinsics
import Kernels

enum AVX512: InstructionSet {
  typealias Vector = SIMD16<Float>

  @inline(__always) static func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { limn_fma16(a, b, c) }

  @inline(__always) static func prefetch(_ pointer: UnsafeRawPointer) { limn_prefetch(pointer) }

  @inline(__always) static func maximum(_ a: Vector, _ b: Vector) -> Vector { limn_max16(a, b) }
  @inline(__always) static func maximumOrNaN(_ a: Vector, _ b: Vector) -> Vector { limn_maxnan16(a, b) }
  @inline(__always) static func minimum(_ a: Vector, _ b: Vector) -> Vector { limn_min16(a, b) }
  @inline(__always) static func indicator(_ value: Vector, above threshold: Vector) -> Vector {
    limn_above16(value, threshold)
  }
  @inline(__always) static func squareRoot(_ x: Vector) -> Vector { limn_sqrt16(x) }

  @inline(__always) static func load(_ pointer: UnsafeRawPointer, first count: Int) -> Vector {
    limn_load_first16(pointer, count)
  }
  @inline(__always) static func store(_ vector: Vector, _ pointer: UnsafeMutableRawPointer, first count: Int) {
    limn_store_first16(vector, pointer, count)
  }

  @inline(__always) static func exponential(_ x: Vector) -> Vector {
    let x = clampedToExponents(x)
    let n = limn_round16(x * 1.442_695_040_9)
    return limn_scale16(exponentialNearZero(multiplyAdd(n, Vector(repeating: -0.693_147_180_6), x)), n)
  }

  /// The instruction's 14 bits, refined by one step of Newton's method: a division takes four times as long.
  @inline(__always) static func reciprocal(_ x: Vector) -> Vector {
    let r = limn_reciprocal16(x)
    return multiplyAdd(r, multiplyAdd(-x, r, Vector(repeating: 1)), r)
  }

  /// `x * sigmoid(x)`, with one operation less for the sign and one less for the limits than the default.
  @inline(__always) static func silu(_ x: Vector) -> Vector {
    let y = limn_clamp16(x, Vector(repeating: 87.336_54))
    let n = limn_round16(y * -1.442_695_040_9)
    let e = limn_scale16(exponentialNearZero(multiplyAdd(n, Vector(repeating: -0.693_147_180_6), -y)), n)
    return x * reciprocal(e + 1)
  }
}

/// The kernels for x86-64-v4.
public func avx512Kernels() -> KernelTable {
  KernelTable(
    .avx512, AVX512.self,
    tiles: [
      Tile<AVX512, 8, 1>.kernel, Tile<AVX512, 12, 2>.kernel,
      Tile<AVX512, 8, 3>.kernel, Tile<AVX512, 6, 4>.kernel,
    ],
    depthwise: Depthwise<AVX512, 2, 7>.kernel)
}
