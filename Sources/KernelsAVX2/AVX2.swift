import CIntrinsics
import Kernels

enum AVX2: PairInstructionSet, IntegerExponentSet {
  typealias Vector = SIMD8<Float>
  typealias Integers = SIMD8<Int32>

  @inline(__always) static func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { limn_fma8(a, b, c) }

  @inline(__always) static func prefetch(_ pointer: UnsafeRawPointer) { limn_prefetch(pointer) }

  @inline(__always) static func maximum(_ a: Vector, _ b: Vector) -> Vector { limn_max8(a, b) }
  @inline(__always) static func maximumOrNaN(_ a: Vector, _ b: Vector) -> Vector { limn_maxnan8(a, b) }
  @inline(__always) static func minimum(_ a: Vector, _ b: Vector) -> Vector { limn_min8(a, b) }
  @inline(__always) static func indicator(_ value: Vector, above threshold: Vector) -> Vector {
    limn_above8(value, threshold)
  }
  @inline(__always) static func squareRoot(_ x: Vector) -> Vector { limn_sqrt8(x) }

  @inline(__always) static func load(_ pointer: UnsafeRawPointer, first count: Int) -> Vector {
    limn_load_first8(pointer, count)
  }
  @inline(__always) static func store(_ vector: Vector, _ pointer: UnsafeMutableRawPointer, first count: Int) {
    limn_store_first8(vector, pointer, count)
  }

  @inline(__always) static func scale(_ value: Vector, _ biased: Vector) -> Vector {
    unsafeBitCast(
      unsafeBitCast(value, to: Integers.self) &+ (unsafeBitCast(biased, to: Integers.self) &<< 23), to: Vector.self)
  }

  @inline(__always) static func loadBFloats(_ pointer: UnsafeRawPointer) -> Vector {
    unsafeBitCast(
      Integers(truncatingIfNeeded: pointer.loadUnaligned(as: SIMD8<UInt16>.self)) &<< 16, to: Vector.self)
  }
  @inline(__always) static func storeBFloats(_ vector: Vector, _ pointer: UnsafeMutableRawPointer) {
    let bits = unsafeBitCast(vector, to: SIMD8<UInt32>.self)
    let rounded = bits &+ 0x7fff &+ ((bits &>> 16) & 1)
    pointer.storeBytes(of: SIMD8<UInt16>(truncatingIfNeeded: rounded &>> 16), as: SIMD8<UInt16>.self)
  }
  @inline(__always) static var byteLanes: Int { 16 }
  @inline(__always) static func maximumBytes(
    _ taps: UnsafePointer<UnsafeRawPointer>, stride: Int, count: Int, offset: Int, into target: UnsafeMutableRawPointer
  ) {
    UnsafeRawPointer(taps).withMemoryRebound(to: UnsafeRawPointer?.self, capacity: stride &* count) {
      limn_max_bytes16($0, stride, count, offset, target)
    }
  }
  @inline(__always) static func loadBytes(_ pointer: UnsafeRawPointer) -> Vector { limn_load_bytes8(pointer) }
  @inline(__always) static func storeBytes(_ vector: Vector, _ pointer: UnsafeMutableRawPointer) {
    limn_store_bytes8(vector, pointer)
  }

  @inline(__always) static func dotPairs(_ sums: Integers, _ a: Integers, _ b: Integers) -> Integers {
    limn_dot_pairs8(sums, a, b)
  }
  @inline(__always) static func floats(_ integers: Integers) -> Vector { limn_float8(integers) }
}

/// The kernels for x86-64-v3.
public func avx2Kernels() -> KernelTable {
  KernelTable(
    .avx2, AVX2.self,
    tiles: [Tile<AVX2, 8, 1>.kernel, Tile<AVX2, 6, 2>.kernel, nil, nil],
    depthwise: Depthwise<AVX2, 1, 4>.kernel)
}

/// The kernels for maps of bytes, for x86-64-v3.
public func avx2ReducedPrecisionKernels() -> ReducedPrecisionKernels {
  ReducedPrecisionKernels(
    AVX2.self,
    bytes: ReducedPrecisionKernels.Dots(
      BytePairs<AVX2>.self,
      tiles: [DotTile<BytePairs<AVX2>, 6, 1>.kernel, DotTile<BytePairs<AVX2>, 4, 2>.kernel, nil, nil]),
    bfloats: nil)
}
