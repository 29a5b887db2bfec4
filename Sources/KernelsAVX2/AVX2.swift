import CIntrinsics
import Kernels

enum AVX2: StorageInstructionSet {
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
    _ taps: UnsafePointer<UnsafeRawPointer>, _ stride: Int, _ count: Int, _ offset: Int,
    _ target: UnsafeMutableRawPointer
  ) {
    UnsafeRawPointer(taps).withMemoryRebound(to: UnsafeRawPointer?.self, capacity: stride &* count) {
      limn_max_bytes16($0, stride, count, offset, target)
    }
  }
  @inline(__always) static func loadBytes(_ pointer: UnsafeRawPointer) -> Vector { limn_load_bytes8(pointer) }
  @inline(__always) static func storeBytes(_ vector: Vector, _ pointer: UnsafeMutableRawPointer) {
    limn_store_bytes8(vector, pointer)
  }
}

/// Four bytes as two pairs of 16-bit integers: the instruction for bytes alone would saturate.
enum AVX2ByteDot: DotInstruction {
  typealias ISA = AVX2
  struct Pairs: BitwiseCopyable {
    var first: SIMD8<Int32>
    var second: SIMD8<Int32>
  }

  @inline(__always) static var zero: SIMD8<Int32> { .zero }
  @inline(__always) static var weightBytes: Int { 8 }
  @inline(__always) static func broadcast(_ word: UInt32) -> Pairs {
    let first = (word & 0xff) | (word & 0xff00) &<< 8
    let second = (word &>> 16 & 0xff) | (word &>> 16 & 0xff00) &<< 8
    return Pairs(
      first: .init(repeating: Int32(bitPattern: first)), second: .init(repeating: Int32(bitPattern: second)))
  }
  @inline(__always) static func weights(_ pointer: UnsafeRawPointer) -> Pairs {
    Pairs(
      first: pointer.loadUnaligned(as: SIMD8<Int32>.self),
      second: pointer.loadUnaligned(fromByteOffset: 32, as: SIMD8<Int32>.self))
  }
  @inline(__always) static func dot(_ sums: SIMD8<Int32>, _ input: Pairs, _ weights: Pairs) -> SIMD8<Int32> {
    limn_dot_pairs8(limn_dot_pairs8(sums, input.first, weights.first), input.second, weights.second)
  }
  @inline(__always) static func floats(_ sums: SIMD8<Int32>) -> SIMD8<Float> { limn_float8(sums) }
}

/// The kernels for x86-64-v3.
public func avx2Kernels() -> KernelTable {
  KernelTable(
    .avx2, AVX2.self,
    tiles: [Tile<AVX2, 8, 1>.kernel, Tile<AVX2, 6, 2>.kernel, nil, nil])
}

/// The kernels on maps of bytes for x86-64-v3.
public func avx2NarrowKernels() -> NarrowKernels {
  NarrowKernels(
    AVX2.self,
    bytes: NarrowKernels.Dots(
      AVX2ByteDot.self, tiles: [DotTile<AVX2ByteDot, 6, 1>.kernel, DotTile<AVX2ByteDot, 4, 2>.kernel, nil, nil]),
    bfloats: nil)
}
