/// The vector operations of one instruction-set level.
///
/// A level is an empty type. The hot loops of this module are generic over it, and are specialised in the level's own
/// module under that level's compiler flags.
public protocol InstructionSet: SendableMetatype {
  /// The widest native vector of the level.
  associatedtype Vector: SIMD & BitwiseCopyable & Sendable where Vector.Scalar == Float

  /// Whether `multiplyAdd` rounds once, not twice.
  static var fusesMultiplyAdds: Bool { get }
  /// `a * b + c`, fused where the level has the instruction.
  static func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector
  /// The larger of each pair; `b` where either is NaN.
  static func maximum(_ a: Vector, _ b: Vector) -> Vector
  /// The larger of each pair; NaN where either is NaN.
  static func maximumOrNaN(_ a: Vector, _ b: Vector) -> Vector
  /// The smaller of each pair; `b` where either is NaN.
  static func minimum(_ a: Vector, _ b: Vector) -> Vector
  /// 1 where the value exceeds the threshold, 0 elsewhere and where either is NaN.
  static func indicator(_ value: Vector, above threshold: Vector) -> Vector
  /// The square root, correctly rounded.
  static func squareRoot(_ x: Vector) -> Vector
  /// `e^x`, within 6 ULP for `x` in -87...87; beyond that range the result stays finite and positive. A level used only
  /// for maps of bytes and bfloat16 may be less accurate.
  static func exponential(_ x: Vector) -> Vector
  /// `1 / x`, within 2 ULP for `x` in 2^-126...2^126. A level used only for maps of bytes and bfloat16 may be less
  /// accurate.
  static func reciprocal(_ x: Vector) -> Vector
  /// `x * sigmoid(x)`, also called swish.
  static func silu(_ x: Vector) -> Vector
  /// The first `count` floats at `pointer`, 1 to `lanes`, then zeros. Nothing beyond them is read.
  static func load(_ pointer: UnsafeRawPointer, first count: Int) -> Vector
  /// Writes the first `count` floats of `vector`, 1 to `lanes`, at `pointer`, and nothing beyond them.
  static func store(_ vector: Vector, _ pointer: UnsafeMutableRawPointer, first count: Int)
  /// Asks the CPU to bring the memory at `pointer` into its second-level cache. Any address is allowed.
  static func prefetch(_ pointer: UnsafeRawPointer)
}

extension InstructionSet {
  /// Whether `multiplyAdd` rounds once, as on all levels above the lowest.
  @inlinable @inline(__always)
  public static var fusesMultiplyAdds: Bool { true }

  /// Floats in a vector.
  @inlinable @inline(__always)
  public static var lanes: Int { Vector.scalarCount }

  /// The vector that starts at `pointer`, aligned or not.
  @inlinable @inline(__always)
  public static func load(_ pointer: UnsafePointer<Float>) -> Vector {
    UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
  }

  /// The vector that starts `offset` floats after `pointer`.
  @inlinable @inline(__always)
  public static func load(_ pointer: UnsafeRawPointer, _ offset: Int) -> Vector {
    pointer.loadUnaligned(fromByteOffset: 4 &* offset, as: Vector.self)
  }

  /// Writes `vector` at `offset` floats after `pointer`.
  @inlinable @inline(__always)
  public static func store(_ vector: Vector, _ pointer: UnsafeMutableRawPointer, _ offset: Int) {
    (pointer + 4 &* offset).storeBytes(of: vector, as: Vector.self)
  }

  /// Writes `vector` at `pointer`, aligned or not.
  @inlinable @inline(__always)
  public static func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
  }

  /// Nothing.
  @inlinable @inline(__always)
  public static func prefetch(_ pointer: UnsafeRawPointer) {}

  /// The first `count` floats at `pointer`, one by one.
  @inlinable @inline(__always)
  public static func load(_ pointer: UnsafeRawPointer, first count: Int) -> Vector {
    let floats = pointer.assumingMemoryBound(to: Float.self)
    var vector = Vector.zero
    for lane in 0..<count { vector[lane] = floats[lane] }
    return vector
  }

  /// Writes the first `count` floats of `vector` at `pointer`, one by one.
  @inlinable @inline(__always)
  public static func store(_ vector: Vector, _ pointer: UnsafeMutableRawPointer, first count: Int) {
    let floats = pointer.assumingMemoryBound(to: Float.self)
    for lane in 0..<count { floats[lane] = vector[lane] }
  }
}
