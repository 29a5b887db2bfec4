import CIntrinsics
import Kernels

enum Baseline: PairInstructionSet, IntegerExponentSet {
  typealias Vector = SIMD4<Float>
  typealias Integers = SIMD4<Int32>

  @inline(__always) static var fusesMultiplyAdds: Bool {
    #if arch(arm64)
      true
    #else
      false
    #endif
  }

  @inline(__always) static func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector {
    #if arch(arm64)
      limn_fma4(a, b, c)
    #else
      a * b + c
    #endif
  }

  @inline(__always) static func prefetch(_ pointer: UnsafeRawPointer) { limn_prefetch(pointer) }

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

  @inline(__always) static func loadBFloats(_ pointer: UnsafeRawPointer) -> Vector {
    unsafeBitCast(
      Integers(truncatingIfNeeded: pointer.loadUnaligned(as: SIMD4<UInt16>.self)) &<< 16, to: Vector.self)
  }
  @inline(__always) static func storeBFloats(_ vector: Vector, _ pointer: UnsafeMutableRawPointer) {
    let bits = unsafeBitCast(vector, to: SIMD4<UInt32>.self)
    let rounded = bits &+ 0x7fff &+ ((bits &>> 16) & 1)
    pointer.storeBytes(of: SIMD4<UInt16>(truncatingIfNeeded: rounded &>> 16), as: SIMD4<UInt16>.self)
  }
  @inline(__always) static var byteLanes: Int { 16 }
  @inline(__always) static func maximumBytes(
    _ taps: UnsafePointer<UnsafeRawPointer>, stride: Int, count: Int, offset: Int, into target: UnsafeMutableRawPointer
  ) {
    UnsafeRawPointer(taps).withMemoryRebound(to: UnsafeRawPointer?.self, capacity: stride &* count) {
      limn_max_bytes16($0, stride, count, offset, target)
    }
  }
  @inline(__always) static func loadBytes(_ pointer: UnsafeRawPointer) -> Vector { limn_load_bytes4(pointer) }
  @inline(__always) static func storeBytes(_ vector: Vector, _ pointer: UnsafeMutableRawPointer) {
    limn_store_bytes4(vector, pointer)
  }

  @inline(__always) static func dotPairs(_ sums: Integers, _ a: Integers, _ b: Integers) -> Integers {
    limn_dot_pairs4(sums, a, b)
  }
  @inline(__always) static func floats(_ integers: Integers) -> Vector { limn_float4(integers) }
}

/// The kernels for every CPU of the architecture.
public func baselineKernels() -> KernelTable {
  KernelTable(
    .baseline, Baseline.self,
    tiles: [Tile<Baseline, 8, 1>.kernel, Tile<Baseline, 6, 2>.kernel, nil, nil],
    depthwise: Depthwise<Baseline, 1, 4>.kernel)
}

/// The kernels for maps of bytes, for every CPU of the architecture.
public func baselineReducedPrecisionKernels() -> ReducedPrecisionKernels {
  ReducedPrecisionKernels(
    Baseline.self,
    bytes: ReducedPrecisionKernels.Dots(
      BytePairs<Baseline>.self,
      tiles: [DotTile<BytePairs<Baseline>, 6, 1>.kernel, DotTile<BytePairs<Baseline>, 4, 2>.kernel, nil, nil]),
    bfloats: nil)
}
