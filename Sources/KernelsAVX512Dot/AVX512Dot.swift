import CIntrinsics
import Kernels

/// AVX-512 under the flags of this module. It repeats `AVX512`, since the linker could merge a specialisation for
/// another module's type with that module's own.
enum AVX512Dot: StorageInstructionSet {
  typealias Vector = SIMD16<Float>

  @inline(__always) static func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { limn_fma16(a, b, c) }
  @inline(__always) static func maximum(_ a: Vector, _ b: Vector) -> Vector { limn_max16(a, b) }
  @inline(__always) static func maximumOrNaN(_ a: Vector, _ b: Vector) -> Vector { limn_maxnan16(a, b) }
  @inline(__always) static func minimum(_ a: Vector, _ b: Vector) -> Vector { limn_min16(a, b) }
  @inline(__always) static func indicator(_ value: Vector, above threshold: Vector) -> Vector {
    limn_above16(value, threshold)
  }
  @inline(__always) static func squareRoot(_ x: Vector) -> Vector { limn_sqrt16(x) }

  /// `e^x` within 8e-5, a thirtieth of the error of rounding to bfloat16; 0 or infinite where it leaves the range.
  /// 2^f, with f within ±0.5, is a polynomial of degree 3.
  @inline(__always) static func exponential(_ x: Vector) -> Vector {
    let scaled = x * 1.442_695_040_9
    let n = limn_round16(scaled)
    let f = scaled - n
    var p = multiplyAdd(Vector(repeating: 0.055_171_494), f, Vector(repeating: 0.242_610_938))
    p = multiplyAdd(p, f, Vector(repeating: 0.693_260_994))
    return limn_scale16(multiplyAdd(p, f, Vector(repeating: 0.999_928_085)), n)
  }

  /// `1 / x` to the instruction's 14 bits.
  @inline(__always) static func reciprocal(_ x: Vector) -> Vector { limn_reciprocal16(x) }

  @inline(__always) static func loadBFloats(_ pointer: UnsafeRawPointer) -> Vector { limn_load_bfloats16(pointer) }
  @inline(__always) static func storeBFloats(_ vector: Vector, _ pointer: UnsafeMutableRawPointer) {
    limn_store_bfloats16(vector, pointer)
  }
  @inline(__always) static var byteLanes: Int { 64 }
  @inline(__always) static func maximumBytes(
    _ taps: UnsafePointer<UnsafeRawPointer>, stride: Int, count: Int, offset: Int, into target: UnsafeMutableRawPointer
  ) {
    UnsafeRawPointer(taps).withMemoryRebound(to: UnsafeRawPointer?.self, capacity: stride &* count) {
      limn_max_bytes64($0, stride, count, offset, target)
    }
  }
  @inline(__always) static func loadBytes(_ pointer: UnsafeRawPointer) -> Vector { limn_load_bytes16(pointer) }
  @inline(__always) static func storeBytes(_ vector: Vector, _ pointer: UnsafeMutableRawPointer) {
    limn_store_bytes16(vector, pointer)
  }
}

extension DotInstruction where Words == SIMD16<Int32> {
  @inline(__always) static var weightBytes: Int { 4 }
  @inline(__always) static func broadcast(_ word: UInt32) -> SIMD16<Int32> {
    SIMD16(repeating: Int32(bitPattern: word))
  }
  @inline(__always) static func weights(_ pointer: UnsafeRawPointer) -> SIMD16<Int32> {
    pointer.loadUnaligned(as: SIMD16<Int32>.self)
  }
}

/// The bfloat16 dot product: two numbers at once, summed in single precision.
enum BFloatDot: DotInstruction {
  typealias ISA = AVX512Dot

  @inline(__always) static var zero: SIMD16<Float> { .zero }
  @inline(__always) static func dot(
    _ sums: SIMD16<Float>, _ input: SIMD16<Int32>, _ weights: SIMD16<Int32>
  ) -> SIMD16<Float> { limn_dot_bfloats16(sums, input, weights) }
  @inline(__always) static func floats(_ sums: SIMD16<Float>) -> SIMD16<Float> { sums }
}

/// The int8 dot product: four bytes at once, unsigned by signed, summed in 32-bit integers.
enum ByteDot: DotInstruction {
  typealias ISA = AVX512Dot

  @inline(__always) static var zero: SIMD16<Int32> { .zero }
  @inline(__always) static func dot(
    _ sums: SIMD16<Int32>, _ input: SIMD16<Int32>, _ weights: SIMD16<Int32>
  ) -> SIMD16<Int32> { limn_dot_bytes16(sums, input, weights) }
  @inline(__always) static func floats(_ sums: SIMD16<Int32>) -> SIMD16<Float> { limn_float16(sums) }
}

/// The kernels for maps of bytes and bfloat16, for AVX-512 with BF16 and VNNI.
public func avx512DotKernels() -> ReducedPrecisionKernels {
  let bytes = ReducedPrecisionKernels.Dots(
    ByteDot.self,
    tiles: [
      DotTile<ByteDot, 8, 1>.kernel, DotTile<ByteDot, 12, 2>.kernel, DotTile<ByteDot, 8, 3>.kernel,
      DotTile<ByteDot, 6, 4>.kernel,
    ])
  let bfloats = ReducedPrecisionKernels.Dots(
    BFloatDot.self,
    tiles: [
      DotTile<BFloatDot, 8, 1>.kernel, DotTile<BFloatDot, 12, 2>.kernel, DotTile<BFloatDot, 8, 3>.kernel,
      DotTile<BFloatDot, 6, 4>.kernel,
    ])
  return ReducedPrecisionKernels(AVX512Dot.self, bytes: bytes, bfloats: .init(AVX512Dot.self, dots: bfloats))
}
